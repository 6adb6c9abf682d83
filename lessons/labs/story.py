"""The story of an order as it really ran: a row for the customer, for the wheel, and for each worker process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from lessons import axis
from lessons.axis import Axis
from workers.checkout import LATER

SIGNS = {step.name: str(number) for number, step in enumerate(LATER, 1)} | {"payment": "$", "order": "+"}
NARROWEST_WITH_A_SIGN = 2.2  # per cent of the axis


@dataclass(frozen=True)
class Bar:
    """A stretch of a row; moments are seconds since the first customer pressed the button."""

    kind: str  # "step" | "wheel" | "lease" | "countdown" | "still"
    state: str  # "done" | "running" | "cut off" | "failed" | "suppressed" | "refused"
    text: str
    start: float
    end: float
    step: str | None = None

    @property
    def sign(self) -> str:
        """The number of its step, as in the key."""
        return SIGNS.get(self.step or "", "")


@dataclass(frozen=True)
class Mark:
    """One moment: its state gives it its shape (see templates/_state.html)."""

    at: float
    state: str
    text: str


@dataclass(frozen=True)
class Row:
    """Somebody, and all that happened there."""

    who: str  # "customer" | "wheel" | "worker"
    name: str
    pid: int | None = None
    bars: tuple[Bar, ...] = ()
    marks: tuple[Mark, ...] = ()

    @property
    def counting(self) -> Bar | None:
        """The lease that runs out at this moment, with nobody to renew it."""
        return next((bar for bar in self.bars if bar.kind == "countdown" and bar.state == "running"), None)


@dataclass(frozen=True)
class Line:
    """One sentence of the story as a table."""

    at: float
    who: str
    text: str
    seconds: float | None = None


@dataclass(frozen=True)
class Story:
    """All rows, up to the moment of the look."""

    rows: tuple[Row, ...]
    until: float
    open: bool = False  # something goes on at this moment

    @cached_property
    def axis(self) -> Axis:
        return axis.fit(0, max([1.0, self.until, *(bar.end for row in self.rows for bar in row.bars)]))

    @property
    def workers(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.who == "worker")

    @property
    def lines(self) -> tuple[Line, ...]:
        """The same in words, oldest first."""
        return tuple(sorted(_lines(self.rows), key=lambda line: line.at))

    @property
    def kinds(self) -> frozenset[str]:
        """Which kinds of stretches there are, for the key."""
        return frozenset(bar.kind for row in self.rows for bar in row.bars)

    def fits(self, bar: Bar) -> bool:
        """Whether there is room for its sign, on a narrow screen too."""
        return self.axis.length(bar.start, bar.end) >= NARROWEST_WITH_A_SIGN


def _lines(rows: Sequence[Row]) -> Iterator[Line]:
    for row in rows:
        who = row.name if row.pid is None else f"{row.name}, pid {row.pid}"
        for bar in row.bars:
            yield Line(bar.start, who, bar.text, bar.end - bar.start)
        for mark in row.marks:
            yield Line(mark.at, who, mark.text)
