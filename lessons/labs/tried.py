"""One run of the lab of retries: its messages, what the partner saw, the breaker, and the figures of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from lessons import axis
from lessons.axis import Axis
from lessons.labs.herd import Herd
from lessons.labs.tries import Row

TROUBLES = ("down", "flaky", "slow", "poison", "deadly")
BACKOFFS = ("none", "fixed", "exponential", "exponential_jitter")
BACKOFF_WORDS = {
    "none": "no pause",
    "fixed": "fixed, 2\u00a0s",
    "exponential": "doubling",
    "exponential_jitter": "doubling, with jitter",
}


@dataclass(frozen=True)
class Plan:
    """What was chosen for a run."""

    trouble: str = "down"
    seconds: int = 15
    messages: int = 50
    attempts: int = 10
    backoff: str = "fixed"
    circuit_breaker: bool = False
    idempotency: str = "off"

    @property
    def at_the_partner(self) -> bool:
        """Its trouble is the partner's, not the message's own."""
        return self.trouble in ("down", "flaky", "slow")

    @property
    def words(self) -> str:
        breaker = ", breaker" if self.circuit_breaker else ""
        return f"{BACKOFF_WORDS[self.backoff]}{breaker}"


@dataclass(frozen=True)
class Band:
    """A stretch of the run in which the partner was in trouble, or the circuit was open or half open."""

    state: str
    start: float
    end: float


@dataclass(frozen=True)
class Run:
    """What was measured, in seconds since the messages were on the queue."""

    plan: Plan
    rows: tuple[Row, ...]
    until: float
    herd: Herd = field(default_factory=Herd)
    trouble: Band | None = None
    circuit: tuple[Band, ...] = ()
    delivered: tuple[int, ...] = ()  # the order of each delivery that the partner has
    given_up: int = 0  # calls that the partner fulfilled, and whose caller had stopped waiting
    replays: tuple[float, ...] = ()
    abandoned: bool = False

    @property
    def over(self) -> bool:
        return self.abandoned or all(row.over for row in self.rows)

    @property
    def done(self) -> int:
        return sum(row.state == "done" for row in self.rows)

    @property
    def dead(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.state == "dead")

    @property
    def tries(self) -> int:
        return sum(len(row.tries) for row in self.rows)

    @property
    def took(self) -> float:
        """Until the last of them was done or put aside, or until now."""
        return max((row.end for row in self.rows), default=0.0) if self.over else self.until

    @property
    def back(self) -> float | None:
        """When the partner was well again."""
        ended = self.trouble and self.trouble.state == "over"
        return self.trouble.end if self.trouble and ended else None

    @property
    def calls_while_down(self) -> int:
        return self.herd.before(self.trouble.end) if self.trouble else 0

    @property
    def herd_after(self) -> int | None:
        """The calls of the partner's busiest second after it was well again; None if that did not happen."""
        return None if self.back is None else self.herd.busiest(self.back)

    @property
    def twice(self) -> int:
        """Orders that the partner has more than once."""
        return sum(count > 1 for count in Counter(self.delivered).values())

    @cached_property
    def axis(self) -> Axis:
        known = [self.until if not self.over else 0.0, self.took, self.back or 0.0, 1.0]
        return axis.fit(0, max(known))

    @property
    def busiest(self) -> int:
        return max((bar.calls for bar in self.herd.bars(self.axis.high)), default=0)

    def as_json(self) -> dict[str, Any]:
        """The run as scripts are shown it; times in seconds."""
        rows = [
            {"order": row.order, "state": row.state, "tries": [asdict(each) for each in row.tries]} for row in self.rows
        ]
        calls = {"calls": len(self.herd.at), "while_down": self.calls_while_down, "busiest_after": self.herd_after}
        ends = {"over": self.over, "took": self.took, "done": self.done, "dead": len(self.dead)}
        return asdict(self.plan) | ends | {"partner": calls | {"twice": self.twice}, "back": self.back, "rows": rows}
