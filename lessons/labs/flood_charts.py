"""What was measured of a flood, second by second: small charts over one axis of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lessons import axis
from lessons.axis import Axis, Tick
from lessons.charts.drawing import Chart, Plot, Value, grid
from lessons.charts.plotted import with_unit
from workers.watch.timeline import Sample

LEAST_S = 12
Values = Sequence[float | None]


@dataclass(frozen=True)
class Charts:
    """All charts over the same seconds, and a table that says the same."""

    charts: tuple[Chart, ...]
    times: tuple[Tick, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class _Plan:
    id: str
    title: str
    unit: str
    lines: tuple[tuple[str, str, Callable[[Sample], float | None]], ...]  # its id, its name, its value
    least: float = 1.0


_PLANS = (
    _Plan("waiting", "Waiting", "messages", (("depth", "", lambda sample: None),), 100),
    _Plan("age", "Age of the oldest", "seconds", (("age", "", lambda sample: sample.oldest_age_s or 0.0),)),
    _Plan(
        "throughput",
        "In and out",
        "messages a second",
        (("in", "in", lambda sample: sample.small_in), ("out", "out", lambda sample: sample.small_out)),
        100,
    ),
    _Plan(
        "refused",
        "Refused and shed",
        "messages a second",
        (("refused", "refused", lambda sample: sample.refused), ("shed", "shed", lambda sample: sample.shed)),
        100,
    ),
    _Plan("memory", "Memory at the broker", "kB", (("depth", "", lambda sample: sample.memory_bytes / 1000),), 100),
    _Plan(
        "waits",
        "Wait until a worker began",
        "seconds",
        (
            ("later", "payments", lambda sample: sample.wait_payments_s),
            ("now", "analytics", lambda sample: sample.wait_analytics_s),
        ),
    ),
)


def draw(samples: Sequence[Sample], began: float, waiting: Sequence[int]) -> Charts:
    """The charts of one run; `began` is in seconds since 1970, `waiting` is what waited at each sample."""
    at = [max(0.0, sample.second - began) for sample in samples]
    length = axis.fit(0, max(LEAST_S, *at, 0))
    values: dict[str, Values] = {"waiting-depth": waiting} | {
        f"{plan.id}-{line}": [value(sample) for sample in samples]
        for plan in _PLANS
        for line, _, value in plan.lines
        if plan.id != "waiting"
    }
    charts = tuple(_chart(plan, at, values, length) for plan in _PLANS)
    heads = tuple(
        f"{plan.title} {name}, {plan.unit}".replace(" ,", ",") for plan in _PLANS for _, name, _ in plan.lines
    )
    rows = tuple(
        (f"{second:.0f} s", *(with_unit(line[place]) for line in values.values()))
        for place, second in enumerate(at)
        if place % 5 == 0
    )
    return Charts(charts, length.ticks, heads, rows)


def _chart(plan: _Plan, at: Sequence[float], values: dict[str, Values], length: Axis) -> Chart:
    drawn = {line: values[f"{plan.id}-{line}"] for line, _, _ in plan.lines}
    top = max((value for line in drawn.values() for value in line if value is not None), default=0.0)
    height = axis.fit(0, max(plan.least, top))
    lines = tuple((line, _path(at, drawn[line], height)) for line in drawn)
    told = tuple(_value(line, name, drawn[line]) for line, name, _ in plan.lines)
    plot = Plot(height.ends, length.high, grid(length.ticks, length.high), "", lines)
    return Chart(plan.id, plan.title, plan.unit, told, plot)


def _path(at: Sequence[float], values: Values, height: Axis) -> str:
    known = [(second, value) for second, value in zip(at, values, strict=True) if value is not None]
    points = [f"{second:.1f} {round(100 - height.share(value), 1):g}" for second, value in known]
    return "M" + "L".join(points) if len(points) > 1 else ""


def _value(line: str, name: str, values: Values) -> Value:
    known = [value for value in values if value is not None]
    return Value(line, name, with_unit(known[-1] if known else None), with_unit(max(known, default=None)))
