"""A scenario: settings, acts, and the consequence that must be seen. It is data, in a quiz's or the practice's file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from workers.experiments import claims, measures
from workers.floods import MOST_WORK_MS
from workers.sandboxes import CAPS, SPEEDS
from workers.shop.steps import CHECKOUT, NAMES

Step = Annotated[str, Field(pattern=r"^[a-z0-9]{1,20}$")]
Real = Annotated[float, Field(gt=0, le=120)]  # seconds on the wall
Story = Annotated[float, Field(gt=0, le=600)]  # seconds of the story, which pass faster at a higher speed
MOST_ORDERS = 60
ANYWHERE = "anywhere"  # a place that the run draws


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def __hash__(self) -> int:
        """By what it says: settings are a dict, which has no hash of its own."""
        return hash(self.model_dump_json())


class Place(_Table):
    """Customers order, each in a thread of her own; the next act waits for their answers unless `wait` is false."""

    do: Literal["place"]
    orders: Annotated[int, Field(ge=1, le=MOST_ORDERS)] = 1
    trade: str = CHECKOUT  # what is ordered, see workers/trades.py
    checkout: Literal["now", "later"] = "later"
    later: tuple[Step, ...] | None = None  # a design: which steps are left to a worker
    card: Literal["good", "declined"] = "good"  # of a report: who may see it, and who may not
    customer: Literal["each", "same"] = "each"  # one e-mail address for all, or one for each
    every_s: Annotated[float, Field(ge=0, le=60)] = 0  # of the story, from one customer to the next
    wait: bool = True

    @field_validator("trade")
    @classmethod
    def _a_trade(cls, trade: str) -> str:
        if trade not in NAMES:
            raise ValueError(f"is none of {', '.join(NAMES)}")
        return trade


class Batch(_Table):
    """Orders in one piece, of which nothing but the call to the partner is left to do."""

    do: Literal["batch"]
    orders: Annotated[int, Field(ge=1, le=CAPS["queued_messages"])]


class Poison(_Table):
    do: Literal["poison"]
    kind: Literal["error", "deadly"] = "error"


class Crash(_Table):
    """SIGKILL to a worker: now, at a place, or to the one that stands at a delivery; or to a checkout in between."""

    do: Literal["crash"]
    at: str = "now"
    victim: str = "any"
    delivery: Annotated[int, Field(ge=1, le=9)] | None = None


class Freeze(_Table):
    do: Literal["freeze"]
    at: str = "now"
    seconds: Annotated[int, Field(ge=1, le=CAPS["freeze_seconds"])] = 10  # on the wall


class Thaw(_Table):
    do: Literal["thaw"]


class Duplicate(_Table):
    """The message of the last order, or those of all, once more."""

    do: Literal["duplicate"]
    which: Literal["last", "all"] = "last"


class Set(_Table):
    """Change settings in the middle of the run."""

    do: Literal["set"]
    settings: dict[str, Any]


class Flood(_Table):
    """Real requests at a pace; small messages come in tickets of ten."""

    do: Literal["flood"]
    per_second: Annotated[int, Field(ge=1, le=CAPS["flood_small_per_second"])]
    seconds: Annotated[int, Field(ge=1, le=CAPS["flood_seconds"])]
    kind: Literal["checkout", "analytics", "payments"] = "analytics"
    lookup: Literal["one", "parallel", "cached"] | None = None  # how a ticket asks a slow server first
    work_ms: Annotated[float, Field(gt=0, le=MOST_WORK_MS)] | None = None  # of the story, for each ticket
    at_random: bool = False  # with gaps and work of any length, of which `work_ms` is then the mean


class Hold(_Table):
    """From now on workers stand before each action of a step."""

    do: Literal["hold"]
    step: Step = "email"


class Go(_Table):
    """The worker that stands at this delivery takes so many actions."""

    do: Literal["go"]
    delivery: Annotated[int, Field(ge=1, le=9)]
    actions: Annotated[int, Field(ge=1, le=9)] = 1


class Ask(_Table):
    """Visitors ask for the list of what sold best."""

    do: Literal["ask"]
    visitors: Annotated[int, Field(ge=1, le=40)] = 1
    every_s: Annotated[float, Field(ge=0, le=60)] = 0  # of the story; 0: all at once


class Repair(_Table):
    """Somebody corrects the e-mail address of every dead letter."""

    do: Literal["repair"]


class Plain(_Table):
    """What needs no more words: the hold ends, the broker forgets, dead letters go back or are deleted.

    `forget`: the receivers' idempotency keys have run out. `unclaim`: the workers' own keys and claims are deleted.
    `compare`: the dead letters of orders that the partner has on its list are deleted.
    `readdress`: every customer corrects the address of her order.
    """

    do: Literal[
        "end_hold", "wipe", "forget", "unclaim", "replay", "compare", "delete", "cool", "readdress", "stop_flood"
    ]


class Until(_Table):
    """Wait until a claim holds. If it does not in time, the run cannot tell, unless it is to go on."""

    do: Literal["until"]
    so: str
    within_s: Real = 30
    otherwise: Literal["cannot tell", "go on"] = "cannot tell"

    @field_validator("so")
    @classmethod
    def _compares(cls, text: str) -> str:
        return _claim(text)


class Pause(_Table):
    """Let so many seconds of the story pass."""

    do: Literal["pause"]
    seconds: Story


class Mark(_Table):
    """A stretch begins, up to the next mark: `done_per_s@name` is measured within it."""

    do: Literal["mark"]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=20)]


Act = Annotated[
    Place | Batch | Poison | Crash | Freeze | Thaw | Duplicate | Set | Flood | Hold | Go | Ask | Repair | Plain | Until
    | Pause | Mark,
    Field(discriminator="do"),
]  # fmt: skip


class Scenario(_Table):
    """What is run for one option, and what shows that its consequence is there.

    `figure` is the deciding one, `says` the sentence that explains it; both quote measures in braces. `odds` is the
    part of the runs, from 0 to 1, in which the consequence is to be seen where chance has a say.
    """

    settings: dict[str, Any] = {}
    speed: float = 10
    acts: Annotated[tuple[Act, ...], Field(min_length=1, max_length=20)]
    shows: str
    figure: Annotated[str, Field(min_length=3, max_length=90)]
    says: Annotated[str, Field(min_length=10, max_length=400)]
    odds: Annotated[float, Field(gt=0, lt=1)] | None = None

    @field_validator("speed")
    @classmethod
    def _a_speed(cls, speed: float) -> float:
        if speed not in SPEEDS:
            raise ValueError(f"is none of {', '.join(map(str, SPEEDS))}")
        return speed

    @field_validator("shows")
    @classmethod
    def _compares(cls, text: str) -> str:
        return _claim(text)

    @field_validator("figure", "says")
    @classmethod
    def _quotes(cls, text: str) -> str:
        for name in claims.quoted(text):
            measures.check(name)
        return text

    @property
    def digest(self) -> str:
        """Ten hexadecimal digits that change with everything that it says."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:10]

    @property
    def claim(self) -> claims.Claim:
        return claims.parse(self.shows)

    @property
    def named(self) -> tuple[str, ...]:
        """Every measure that it compares or quotes at its end, each once."""
        names = (*self.claim.measures, *claims.quoted(self.figure), *claims.quoted(self.says))
        return tuple(dict.fromkeys(names))

    def faults(self) -> Iterator[str]:
        """What the parts alone cannot see: a measure of a stretch that no mark begins."""
        marks = {act.name for act in self.acts if isinstance(act, Mark)}
        for name in self.named:
            _, _, mark = name.partition("@")
            if mark and mark not in marks:
                yield f"measures {name}, and no act marks “{mark}”"


def _claim(text: str) -> str:
    for name in claims.parse(text).measures:
        measures.check(name)
    return text
