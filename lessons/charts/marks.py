"""What the reader did, as lines through every chart; their labels stand above one another where they would collide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from workers.watch.timeline import Act

# A wide page's field in pixels, how much of it a letter takes, and how many rows of labels there are at most.
FIELD, LETTER, ROWS = 900, 6.6, 4


@dataclass(frozen=True)
class Mark:
    """An act at `at` per cent of the time; `row` is its label's, from below, or None where there is no room."""

    at: float
    kind: str
    label: str
    when: datetime
    minutes: int  # before the end of the axis
    row: int | None = None

    @property
    def anchor(self) -> str:
        """Which end of the label stands at the line, so that nothing sticks out."""
        return "end" if self.at > 80 else "start"

    @property
    def ago(self) -> str:
        return f"{self.minutes} min before" if self.minutes else "in the last minute"

    @property
    def reach(self) -> tuple[float, float]:
        """From where to where the label goes, in pixels of a wide page."""
        line, length = self.at / 100 * FIELD, len(self.label) * LETTER + 12
        return (line - length, line) if self.anchor == "end" else (line, line + length)


@dataclass(frozen=True)
class Labels:
    """What stands above the charts."""

    marks: tuple[Mark, ...]

    @property
    def rows(self) -> int:
        return max((mark.row + 1 for mark in self.marks if mark.row is not None), default=0)


def marks(acts: Sequence[Act], end: float, seconds: int) -> tuple[Mark, ...]:
    """The marks of these acts on an axis that ends at `end`, oldest first; the newest get their room first."""
    placed: list[Mark] = []
    for act in reversed(acts):
        before = end - act.at.timestamp()
        mark = Mark(round(100 - 100 * before / seconds, 1), act.kind, act.label, act.at, int(before // 60))
        if 0 <= mark.at <= 100:
            placed.append(replace(mark, row=_free_row(mark, placed)))
    return tuple(reversed(placed))


def _free_row(mark: Mark, placed: Sequence[Mark]) -> int | None:
    left, right = mark.reach
    taken = {other.row for other in placed if other.reach[0] < right and left < other.reach[1]}
    return next((row for row in range(ROWS) if row not in taken), None)
