"""The charts of the control room: what was measured in the last ten minutes, on one axis of time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from lessons.axis import Axis, Tick
from lessons.charts.curves import Curve, height_of, top
from lessons.charts.marks import Mark, marks
from lessons.charts.plotted import NONE, PLOTTED, latest, with_unit
from lessons.charts.sparks import SPARKS, Spark, sparks
from lessons.charts.strokes import buckets, short
from workers.watch.timeline import TEN_MINUTES_S, Act, Sample, forecast

__all__ = ["SPARKS", "Chart", "Charts", "Line", "Mark", "Spark", "draw", "sparks"]

BUCKET_S = 5
MINUTE_S = 60


@dataclass(frozen=True)
class Plan:
    """A chart before there is anything to draw; `keys` are of PLOTTED."""

    id: str
    title: str
    unit: str
    keys: tuple[str, ...]


CHARTS = (
    Plan("depth", "Waiting", "messages", ("depth",)),
    Plan("age", "Age of the oldest", "seconds", ("age",)),
    Plan("throughput", "In and out", "messages a second", ("in", "out")),
    Plan("waits", "A customer’s wait", "seconds", ("now", "later")),
)


@dataclass(frozen=True)
class Line:
    """One line of a chart, as a path in a box of `Charts.seconds` by 100; `id` says which colour and dash it has."""

    id: str
    name: str
    path: str
    latest: str
    highest: str


@dataclass(frozen=True)
class Chart:
    """Lines on one vertical axis."""

    id: str
    title: str
    unit: str
    lines: tuple[Line, ...]
    height: Axis

    @property
    def ticks(self) -> tuple[Tick, Tick]:
        """Only the ends of the axis: a chart is low."""
        return self.height.ticks[0], self.height.ticks[-1]

    @property
    def text(self) -> str:
        """What it shows, for whoever does not see it."""
        told = [f"{line.name or 'now'} {line.latest}, highest {line.highest}" for line in self.lines]
        return f"{self.title}, {self.unit}: {'; '.join(told)}"


@dataclass(frozen=True)
class Charts:
    """All charts over the same seconds, with what the reader did, and a table that says the same minute by minute."""

    charts: tuple[Chart, ...]
    marks: tuple[Mark, ...]
    times: tuple[Tick, ...]
    forecast: str
    seconds: int
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def acts(self) -> str:
        """The path of the lines at which something was done, in the same box as the other lines."""
        return "".join(f"M{short(mark.at * self.seconds / 100)} 0v100" for mark in self.marks)

    @property
    def grid(self) -> str:
        """The path of the box and of the marks of time."""
        ups = "".join(f"M{short(time.at * self.seconds / 100)} 0v100" for time in self.times)
        return f"M0 0h{self.seconds}M0 100h{self.seconds}{ups}"

    @property
    def label_rows(self) -> int:
        return max((mark.row + 1 for mark in self.marks if mark.row is not None), default=0)


def draw(
    measured: Sequence[Sample], acts: Sequence[Act], until: float, seconds: int = TEN_MINUTES_S, live: bool = True
) -> Charts:
    """The charts of the seconds up to `until` (since 1970); `live` when that is now."""
    # The axis moves a bucket at a time, so that most polls find it unchanged.
    end = math.ceil(until / BUCKET_S) * BUCKET_S
    filled, now = buckets(measured, until, seconds, seconds // BUCKET_S), latest(measured, until)
    curves = {key: Curve(PLOTTED[key], filled) for plan in CHARTS for key in plan.keys}
    return Charts(
        charts=tuple(_chart(plan, curves, now) for plan in CHARTS),
        marks=marks(acts, end, seconds),
        times=_times(end, seconds, live),
        forecast=forecast(measured) if now else "nothing measured",
        seconds=seconds,
        heads=("", *(curve.plotted.head for curve in curves.values())),
        rows=tuple(_rows(list(curves.values()), seconds // MINUTE_S)),
    )


def _chart(plan: Plan, curves: Mapping[str, Curve], now: Mapping[str, str]) -> Chart:
    height = height_of([curves[key] for key in plan.keys])
    lines = tuple(_line(key, curves[key], now.get(key, NONE), height) for key in plan.keys)
    return Chart(plan.id, plan.title, plan.unit, lines, height)


def _line(key: str, curve: Curve, now: str, height: Axis) -> Line:
    drawn = curve.path(BUCKET_S, lambda value: 100 - round(height.share(value)))
    return Line(key, curve.plotted.name, drawn, now, curve.told_highest)


def _times(end: float, seconds: int, live: bool) -> tuple[Tick, ...]:
    """A mark every minute or every other one; the last one says when the axis ends."""
    minutes = seconds // MINUTE_S
    before = [Tick(f"−{minute}", _share(minute, seconds)) for minute in range(minutes, 0, -2 if minutes > 5 else -1)]
    return (*before, Tick("now" if live else f"{datetime.fromtimestamp(end, UTC):%H:%M:%S}", 100))


def _share(minute: int, seconds: int) -> float:
    return round(100 - 100 * minute * MINUTE_S / seconds, 2)


def _rows(curves: Sequence[Curve], minutes: int) -> Iterator[tuple[str, ...]]:
    """The highest values of each minute that was measured, for whoever reads a table."""
    numbers = [bucket.number * BUCKET_S // MINUTE_S for bucket in curves[0].filled]
    for minute, part in groupby(range(len(numbers)), numbers.__getitem__):
        here = list(part)
        tops = [with_unit(top(curve.values[place] for place in here)) for curve in curves]
        yield (f"−{minutes - minute} min", *tops)
