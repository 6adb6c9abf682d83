"""A figure's axis: round marks, and the share of its length at which a value lies."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

MOST_STEPS = 5


@dataclass(frozen=True)
class Tick:
    """One mark; `at` is a share of the axis in per cent."""

    text: str
    at: float

    @property
    def anchor(self) -> str:
        """Which end of its text stands at the mark, so that nothing sticks out."""
        return "start" if self.at < 5 else "end" if self.at > 95 else "middle"


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`, both of them multiples of `step`."""

    low: float
    high: float
    step: float

    def share(self, value: float) -> float:
        return round(100 * (value - self.low) / (self.high - self.low), 2)

    def length(self, start: float, end: float) -> float:
        return round(self.share(end) - self.share(start), 2)

    @cached_property
    def ticks(self) -> tuple[Tick, ...]:
        count = round((self.high - self.low) / self.step)
        values = [self.low + number * self.step for number in range(count + 1)]
        return tuple(Tick(number_text(value), self.share(value)) for value in values)

    @property
    def ends(self) -> tuple[Tick, Tick]:
        """Its first and its last mark, where there is no room for more."""
        return self.ticks[0], self.ticks[-1]


def fit(low: float, high: float) -> Axis:
    """A round axis that holds both values."""
    step = _round_step((high - low) or abs(high) or 1.0)
    bottom = math.floor(low / step + 1e-9) * step
    return Axis(bottom, max(math.ceil(high / step - 1e-9) * step, bottom + step), step)


def number_text(value: float, decimals: int | None = None) -> str:
    """A number as it is read: 5,847 or 0.1, without what binary fractions add, or with so many decimals."""
    return f"{round(value, 6):,.10g}" if decimals is None else f"{value:,.{decimals}f}"


def decimals_of(values: Iterable[float]) -> int:
    """As many decimals as the longest of the numbers needs, so that they stand under one another."""
    return max(len(number_text(value).partition(".")[2]) for value in values)


def _round_step(length: float) -> float:
    """The smallest of 1, 2, 5, 10, … that needs few enough steps."""
    power = 10.0 ** math.floor(math.log10(length / MOST_STEPS))
    return next(power * factor for factor in (1, 2, 5, 10) if length / (power * factor) <= MOST_STEPS + 1e-9)
