"""From samples to the path of an SVG line: buckets of time, and what of each is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from workers.watch.timeline import LONGEST_HOLE_S, Sample

Fold = Callable[["Bucket"], float | None]
Strokes = Sequence[Sequence[tuple[int, float]]]  # unbroken lines, each of buckets' numbers with a value


@dataclass(frozen=True)
class Bucket:
    """The samples of one stretch of time, numbered from the left end of the axis, where 0 begins; before it there may
    be a time without any.
    """

    number: int
    samples: tuple[Sample, ...]
    seconds: float  # how much of it has been measured
    after_gap: bool

    def top(self, name: str) -> float | None:
        """The highest value in it, or None when there is none."""
        return max((value for each in self.samples if (value := getattr(each, name)) is not None), default=None)

    def rate(self, name: str) -> float:
        """How many a second."""
        return float(sum(getattr(each, name) for each in self.samples) / self.seconds)


def buckets(
    measured: Sequence[Sample], until: float, seconds: int, size: float, before: float = 0
) -> tuple[Bucket, ...]:
    """The samples of the last seconds in stretches of so many; the borders lie still while time goes on.

    Of those that lie up to `before` seconds left of the axis, the numbers are negative.
    """
    start = math.ceil(until / size) * size - seconds
    gaps = {late.second for early, late in pairwise(measured) if late.second - early.second > LONGEST_HOLE_S}
    # A sample tells of the second before it, so a stretch begins after its border and ends at the next one.
    inside = [each for each in measured if start - before < each.second <= start + seconds]
    parts = groupby(inside, lambda each: math.ceil((each.second - start) / size) - 1)
    return tuple(_bucket(number, tuple(part), size, measured[-1].second - start, gaps) for number, part in parts)


def _bucket(number: int, part: tuple[Sample, ...], size: float, measured_s: float, gaps: set[int]) -> Bucket:
    return Bucket(number, part, min(size, measured_s - number * size), any(each.second in gaps for each in part))


def strokes(filled: Sequence[Bucket], values: Sequence[float | None], longest_hole: float = math.inf) -> Strokes:
    """The buckets' values as lines that end where nothing was measured, or where more than so many have no value."""
    lines: list[list[tuple[int, float]]] = []
    for bucket, value in zip(filled, values, strict=True):
        if bucket.after_gap or not lines or (lines[-1] and bucket.number - lines[-1][-1][0] > longest_hole):
            lines.append([])
        if value is not None:
            lines[-1].append((bucket.number, value))
    return [line for line in lines if line]


def split(lines: Strokes, number: int) -> tuple[Strokes, Strokes]:
    """The lines before a bucket and from it on; a line that goes through is taken up again at its last point."""
    old, new = list[Sequence[tuple[int, float]]](), list[Sequence[tuple[int, float]]]()
    for line in lines:
        here = [point for point in line if point[0] < number]
        there = line[len(here) :]
        if there:
            new.append([*here[-1:], *there])
        if len(here) > 1 or not there:
            old.append(here)
    return old, new


def moved(lines: Strokes, by: int) -> Strokes:
    """The same lines, so many buckets to the right."""
    return [[(number + by, value) for number, value in line] for line in lines]


def path(lines: Strokes, width: float, up: Callable[[float], float]) -> str:
    """The `d` of an SVG path, a bucket's value at its right end; a value that stands alone is as long as its bucket."""
    return "".join(_stroke([((number + 1) * width, up(value)) for number, value in line], width) for line in lines)


def _stroke(points: list[tuple[float, float]], width: float) -> str:
    """Each point by its distance from the one before, which packs to half of what places would."""
    corners = [(round(x, 1), round(y, 1)) for x, y in _corners(points)]
    steps = [f"{short(x - before[0])} {short(y - before[1])}" for before, (x, y) in pairwise(corners)]
    first = f"M{short(corners[0][0])} {short(corners[0][1])}"
    return first + ("l" + " ".join(steps).replace(" -", "-") if steps else f"h-{short(width)}")


def _corners(points: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Without those in the middle of a level line."""
    for number, point in enumerate(points):
        around = points[max(0, number - 1) : number + 2]
        if len(around) < 3 or len({y for _, y in around}) > 1:
            yield point


def short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
