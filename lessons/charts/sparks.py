"""The tiles of the control room: the small line of the last ten minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lessons.charts.curves import Curve, height_of
from lessons.charts.plotted import PLOTTED
from lessons.charts.strokes import buckets
from lessons.charts.turns import last_turn
from workers.watch.timeline import TEN_MINUTES_S, Sample

BUCKET_S, WIDTH, HEIGHT, EDGE = 10, 120, 24, 2
# The lines have turns, so that a poll never brings all of them; those of one tile come together.
SPARKS = {"depth": 0, "age": 1, "in": 2, "out": 2, "busy": 3, "scheduled": 0, "dead": 1, "lost": 2, "duplicated": 3}


@dataclass(frozen=True)
class Spark:
    """A tile's line in a box of 120 by 24, and what it says."""

    path: str
    words: str


def sparks(
    measured: Sequence[Sample], until: float, seconds: int = TEN_MINUTES_S, by_turns: bool = False
) -> dict[str, Spark]:
    """A tile's line, by the keys in SPARKS: up to `until`, or `by_turns` up to its last turn before."""
    ends = {key: last_turn(until, turn) if by_turns else until for key, turn in SPARKS.items()}
    return {key: _spark(key, measured, end, seconds) for key, end in ends.items()}


def _spark(key: str, measured: Sequence[Sample], until: float, seconds: int) -> Spark:
    curve = Curve(PLOTTED[key], buckets(measured, until, seconds, BUCKET_S))
    height, room = height_of([curve]), HEIGHT - 2 * EDGE
    width = WIDTH * BUCKET_S / seconds
    drawn = curve.path(width, lambda value: HEIGHT - EDGE - room * height.share(value) / 100)
    return Spark(drawn, f"at most {curve.told_highest} in ten minutes")
