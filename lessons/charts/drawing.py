"""The charts of the control room: what was measured in the last ten minutes, on one axis of time.

They are made in parts that change apart, so that a poll brings few bytes: of a line only what came after its seam is
drawn again each time, and what came before is moved to the left; the seams of the charts move on one after the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from lessons.axis import Tick
from lessons.charts.curves import Curve, height_of, top
from lessons.charts.marks import Labels, marks
from lessons.charts.plotted import NONE, PLOTTED, latest, with_unit
from lessons.charts.sparks import SPARKS, Spark, sparks
from lessons.charts.strokes import Bucket, buckets, short
from lessons.charts.turns import ROUND_S, TURNS, last_turn
from workers.watch.timeline import TEN_MINUTES_S, Act, Sample, forecast

__all__ = ["BEFORE_S", "SPARKS", "Chart", "Drawing", "Past", "Plot", "Spark", "Value", "draw", "grid", "sparks"]

BUCKET_S, MINUTE_S = 5, 60
# Seams move on in the turn of the shortest sparks, one chart's each round; what lies left of one is a round old, and so
# is settled: the newest sample may be written late. The table has a turn in which no seam moves.
SEAM_TURN, TABLE_TURN = 3, 1


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
SEAM_S = len(CHARTS) * ROUND_S
BEFORE_S = SEAM_S + ROUND_S + BUCKET_S  # how long before the axis a line may begin, unseen


@dataclass(frozen=True)
class Value:
    """What a line says in words; `id` tells which colour and dash it has."""

    id: str
    name: str
    latest: str
    highest: str


@dataclass(frozen=True)
class Plot:
    """The lines of a chart as paths by their ids, in a box of `seconds` by 100, and what stands behind them.

    At `seam`, in seconds from the left, the past of the lines ends, if they have any.
    """

    ticks: tuple[Tick, Tick]
    seconds: float
    grid: str
    acts: str
    lines: tuple[tuple[str, str], ...]
    seam: int | None = None


@dataclass(frozen=True)
class Past:
    """What lies still of a chart's lines: a path for each line's id, whose places count from the seam."""

    id: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Chart:
    """Lines on one vertical axis."""

    id: str
    title: str
    unit: str
    values: tuple[Value, ...]
    plot: Plot


@dataclass(frozen=True)
class Table:
    """The highest of each minute, for whoever reads and does not look."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Drawing:
    """All charts over the same seconds, with what the reader did."""

    charts: tuple[Chart, ...]
    past: tuple[Past, ...]
    labels: Labels
    times: tuple[Tick, ...]
    forecast: str
    table: Table

    @property
    def done(self) -> tuple[tuple[datetime, str], ...]:
        """What the reader did and when, oldest first."""
        return tuple((mark.when, mark.label) for mark in self.labels.marks)


def draw(
    measured: Sequence[Sample], acts: Sequence[Act], until: float, seconds: int = TEN_MINUTES_S, live: bool = True
) -> Drawing:
    """The charts of the seconds up to `until` (since 1970); `live` when that is now, and they go on.

    What was measured up to BEFORE_S earlier may be given as well: so far the past of a line may reach.
    """
    # The axis moves a bucket at a time, so that most polls find it unchanged.
    end = math.ceil(until / BUCKET_S) * BUCKET_S
    start = end - seconds
    filled, now = buckets(measured, until, seconds, BUCKET_S, BEFORE_S if live else 0), latest(measured, until)
    marked, times = marks(acts, end, seconds), _times(end, seconds, live)
    lines = "".join(f"M{short(mark.at * seconds / 100)} 0v100" for mark in marked)
    parts = _Parts(filled, now, seconds, grid(times, seconds), lines)
    # What no longer goes on has no past: its lines are drawn in one piece.
    drawn = [parts.chart(plan, _seam(until, place) - start if live else -BEFORE_S) for place, plan in enumerate(CHARTS)]
    return Drawing(
        charts=tuple(chart for chart, _ in drawn),
        past=tuple(past for _, past in drawn),
        labels=Labels(marked),
        times=times,
        forecast=forecast(measured) if now else "nothing measured",
        table=_table(measured, last_turn(until, TABLE_TURN) if live else end, seconds),
    )


def grid(times: Sequence[Tick], seconds: float) -> str:
    """The path of the box and of the marks of time."""
    ups = "".join(f"M{short(time.at * seconds / 100)} 0v100" for time in times)
    return f"M0 0h{short(seconds)}M0 100h{short(seconds)}{ups}"


@dataclass(frozen=True)
class _Parts:
    """What all charts are made of."""

    filled: tuple[Bucket, ...]
    now: Mapping[str, str]
    seconds: int
    grid: str
    acts: str

    def chart(self, plan: Plan, seam: int) -> tuple[Chart, Past]:
        curves = {key: Curve(PLOTTED[key], self.filled) for key in plan.keys}
        height = height_of(list(curves.values()))
        border, longest = seam // BUCKET_S, self.seconds // BUCKET_S
        paths = {
            key: curve.paths(BUCKET_S, lambda value: 100 - round(height.share(value)), border, longest)
            for key, curve in curves.items()
        }
        past = tuple((key, old) for key, (old, _) in paths.items() if old)
        values = tuple(
            Value(key, curve.plotted.name, self.now.get(key, NONE), curve.told_highest) for key, curve in curves.items()
        )
        lines = tuple((key, new) for key, (_, new) in paths.items())
        plot = Plot(height.ends, self.seconds, self.grid, self.acts, lines, seam if past else None)
        return Chart(plan.id, plan.title, plan.unit, values, plot), Past(plan.id, past)


def _seam(until: float, place: int) -> int:
    """Where the chart at this place is put together, in seconds since 1970."""
    return last_turn(until - ROUND_S, SEAM_TURN + place * TURNS, SEAM_S)


def _times(end: float, seconds: int, live: bool) -> tuple[Tick, ...]:
    """A mark every minute or every other one; the last one says when the axis ends."""
    minutes = seconds // MINUTE_S
    before = [Tick(f"−{minute}", _share(minute, seconds)) for minute in range(minutes, 0, -2 if minutes > 5 else -1)]
    return (*before, Tick("now" if live else f"{datetime.fromtimestamp(end, UTC):%H:%M:%S}", 100))


def _share(minute: int, seconds: int) -> float:
    return round(100 - 100 * minute * MINUTE_S / seconds, 2)


def _table(measured: Sequence[Sample], until: float, seconds: int) -> Table:
    """The highest values of each minute that was measured."""
    filled = buckets(measured, until, seconds, BUCKET_S)
    curves = [Curve(PLOTTED[key], filled) for plan in CHARTS for key in plan.keys]
    return Table(("", *(curve.plotted.head for curve in curves)), tuple(_rows(curves, seconds // MINUTE_S)))


def _rows(curves: Sequence[Curve], minutes: int) -> Iterator[tuple[str, ...]]:
    numbers = [bucket.number * BUCKET_S // MINUTE_S for bucket in curves[0].filled]
    for minute, part in groupby(range(len(numbers)), numbers.__getitem__):
        here = list(part)
        tops = [with_unit(top(curve.values[place] for place in here)) for curve in curves]
        yield (f"−{minutes - minute} min", *tops)
