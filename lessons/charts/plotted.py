"""What is drawn of the samples: how each line is made of them, and what it says now."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from lessons.axis import number_text
from lessons.charts.strokes import Bucket, Fold
from workers.watch.timeline import LONGEST_HOLE_S, Sample, rates

BETWEEN_CUSTOMERS = 3  # buckets; what lies further apart is not joined to a line
NONE = "–"


@dataclass(frozen=True)
class Plotted:
    """How a line is made; `least` is what its axis reaches at least, `apart` how many buckets a line may bridge."""

    fold: Fold
    head: str
    name: str = ""
    unit: str = ""
    least: float = 5
    apart: float = math.inf


def _count(name: str) -> Plotted:
    return Plotted(lambda bucket: bucket.top(name), name)


def _rate(name: str, way: str) -> Plotted:
    return Plotted(lambda bucket: bucket.rate(name), f"{way} a second", way, least=1)


def _wait(checkout: str) -> Plotted:
    fold = partial(Bucket.top, name=f"wait_{checkout}_s")
    return Plotted(fold, f"wait {checkout}, s", f"checkout {checkout}", "s", 1, BETWEEN_CUSTOMERS)


PLOTTED = {
    "depth": _count("depth"),
    "age": Plotted(lambda bucket: bucket.top("oldest_age_s") or 0, "oldest, s", unit="s"),
    "in": _rate("came_in", "in"),
    "out": _rate("went_out", "out"),
    "now": _wait("now"),
    "later": _wait("later"),
    **{name: _count(name) for name in ("busy", "scheduled", "dead", "lost", "duplicated")},
}


def latest(measured: Sequence[Sample], until: float) -> dict[str, str]:
    """What each line of a chart says at the moment `until`; nothing when that was not measured."""
    if not measured or until - measured[-1].second > LONGEST_HOLE_S:
        return {}
    last, (into, out) = measured[-1], rates(measured)
    waits = {checkout: _last_wait(measured, f"wait_{checkout}_s") for checkout in ("now", "later")}
    waiting = {"depth": f"{last.depth:,}", "age": with_unit(last.oldest_age_s or 0, "s")}
    return waiting | waits | {"in": with_unit(into), "out": with_unit(out)}


def with_unit(value: float | None, unit: str = "") -> str:
    """A number with at most one decimal, or a dash where there is none."""
    return NONE if value is None else f"{number_text(round(value, 1))}\u00a0{unit}".rstrip()


def _last_wait(measured: Sequence[Sample], name: str) -> str:
    return with_unit(
        next((wait for each in reversed(measured) if (wait := getattr(each, name)) is not None), None), "s"
    )
