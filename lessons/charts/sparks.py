"""The tiles of the control room: a number each, and the small line of its last ten minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lessons.charts.curves import Curve, height_of
from lessons.charts.plotted import NONE, PLOTTED, latest
from lessons.charts.strokes import buckets
from workers.watch.timeline import TEN_MINUTES_S, Sample

BUCKETS, WIDTH, HEIGHT, EDGE = 60, 120, 24, 2
SPARKS = ("depth", "age", "in", "out", "busy", "scheduled", "dead", "lost", "duplicated")


@dataclass(frozen=True)
class Spark:
    """A tile's number, and its line in a box of 120 by 24."""

    value: str
    path: str
    words: str


def sparks(measured: Sequence[Sample], until: float, seconds: int = TEN_MINUTES_S) -> dict[str, Spark]:
    """A tile's line and number, by the keys in SPARKS."""
    filled, now = buckets(measured, until, seconds, BUCKETS), latest(measured, until)
    return {key: _spark(Curve(PLOTTED[key], filled), now.get(key, NONE)) for key in SPARKS}


def _spark(curve: Curve, now: str) -> Spark:
    height, room = height_of([curve]), HEIGHT - 2 * EDGE
    drawn = curve.path(WIDTH / BUCKETS, lambda value: HEIGHT - EDGE - room * height.share(value) / 100)
    return Spark(now, drawn, f"at most {curve.told_highest} in ten minutes")
