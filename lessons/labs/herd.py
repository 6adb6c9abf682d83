"""The calls that reached the partner over a run: how many a second, and when they came in a herd."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

EVERY_S = 0.25


@dataclass(frozen=True)
class Bar:
    """So many calls came in the second that ends at `at`."""

    at: float
    calls: int


@dataclass(frozen=True)
class Herd:
    """The moments of all calls, in seconds on the run's clock and in order."""

    at: tuple[float, ...] = ()

    def before(self, second: float) -> int:
        return bisect_left(self.at, second)

    def busiest(self, since: float = 0.0) -> int:
        """The most calls within any one second, of those that came since a moment."""
        calls = self.at[bisect_left(self.at, since) :]
        return max((bisect_left(calls, at + 1.0) - index for index, at in enumerate(calls)), default=0)

    def bars(self, until: float) -> tuple[Bar, ...]:
        """For each quarter of a second how many calls the second before it had."""
        steps = range(1, int((until + 1.0) / EVERY_S) + 1)
        return tuple(bar for step in steps if (bar := self._bar(step * EVERY_S)).calls)

    def _bar(self, at: float) -> Bar:
        return Bar(at, bisect_left(self.at, at) - bisect_left(self.at, at - 1.0))


def of(moments: Sequence[float]) -> Herd:
    return Herd(tuple(sorted(moments)))
