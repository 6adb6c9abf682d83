"""A line of a chart with its values, and the path that they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from lessons import axis
from lessons.axis import Axis
from lessons.charts.plotted import Plotted, with_unit
from lessons.charts.strokes import Bucket, path, strokes


@dataclass(frozen=True)
class Curve:
    """A line with its values, one a bucket or None."""

    plotted: Plotted
    filled: tuple[Bucket, ...]

    @cached_property
    def values(self) -> list[float | None]:
        return [self.plotted.fold(bucket) for bucket in self.filled]

    @cached_property
    def highest(self) -> float | None:
        return top(self.values)

    @property
    def told_highest(self) -> str:
        return with_unit(self.highest, self.plotted.unit)

    def path(self, width: float, up: Callable[[float], float]) -> str:
        return path(strokes(self.filled, self.values, self.plotted.apart), width, up)


def top(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def height_of(curves: Sequence[Curve]) -> Axis:
    """The axis on which all of them have room."""
    return axis.fit(0, max(curves[0].plotted.least, *(curve.highest or 0 for curve in curves)))
