"""A line of a chart with its values, and the path that they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from lessons import axis
from lessons.axis import Axis
from lessons.charts.plotted import Plotted, with_unit
from lessons.charts.strokes import Bucket, Strokes, moved, path, split, strokes


@dataclass(frozen=True)
class Curve:
    """A line with its values, one a bucket or None; what lies left of the axis is drawn, and else not counted."""

    plotted: Plotted
    filled: tuple[Bucket, ...]

    @cached_property
    def values(self) -> list[float | None]:
        return [self.plotted.fold(bucket) for bucket in self.filled]

    @cached_property
    def highest(self) -> float | None:
        return top(value for bucket, value in zip(self.filled, self.values, strict=True) if bucket.number >= 0)

    @property
    def told_highest(self) -> str:
        return with_unit(self.highest, self.plotted.unit)

    def path(self, width: float, up: Callable[[float], float]) -> str:
        """All of it, with buckets of this width."""
        return path(self._strokes, width, up)

    def paths(self, width: float, up: Callable[[float], float], border: int, longest: int) -> tuple[str, str]:
        """Its past, whose places count from the left border of this bucket, and the rest of it.

        The past reaches back so many buckets at the longest, so that it stays the same while the border does.
        """
        old, new = split(self._strokes, border)
        _, old = split(old, border - longest)
        return path(moved(old, -border), width, up), path(new, width, up)

    @property
    def _strokes(self) -> Strokes:
        return strokes(self.filled, self.values, self.plotted.apart)


def top(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def height_of(curves: Sequence[Curve]) -> Axis:
    """The axis on which all of them have room."""
    return axis.fit(0, max(curves[0].plotted.least, *(curve.highest or 0 for curve in curves)))
