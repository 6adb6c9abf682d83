"""The picture of a run with many messages: a line each for those that wait, are done, lie aside or were refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lessons import axis
from lessons.axis import Axis
from workers.experiments.course import COUNTED, Point

WORDS = {"waiting": "waiting", "done": "done", "dead": "dead letters", "refused": "refused or dropped"}


@dataclass(frozen=True)
class Series:
    """One line: its state gives it its colour, and `last` is its value in words."""

    state: str
    words: str
    path: str
    last: int
    most: int


@dataclass(frozen=True)
class Course:
    """Points as in workers/experiments/course.py."""

    points: Sequence[Point]

    @cached_property
    def axis(self) -> Axis:
        """Seconds on the wall."""
        return axis.fit(0, max(1.0, self.points[-1][0]))

    @cached_property
    def height(self) -> Axis:
        """Messages."""
        return axis.fit(0, max(5.0, *(count for _, *counts in self.points for count in counts)))

    @property
    def series(self) -> tuple[Series, ...]:
        """Those of which there were any."""
        found = [self._series(number, name) for number, name in enumerate(COUNTED, 1)]
        return tuple(each for each in found if each.most)

    @property
    def words(self) -> str:
        told = (f"{each.words}: {each.most:,} at the most, {each.last:,} at the end" for each in self.series)
        return "; ".join(told)

    def _series(self, number: int, name: str) -> Series:
        values = [(point[0], point[number]) for point in self.points]
        path = " ".join(f"{self.axis.share(at)},{round(100 - self.height.share(value), 2)}" for at, value in values)
        counts = [int(value) for _, value in values]
        return Series(name, WORDS[name], path, counts[-1], max(counts))
