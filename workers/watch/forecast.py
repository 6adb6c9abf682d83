"""What becomes of the queue if everything goes on as it does, in words."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import takewhile

from workers.watch.series import Sample

RATE_OVER_S = 10
ENOUGH_OUT = 5  # messages; when fewer went out, a longer look is taken before a rate is told
LOOKS_S = (RATE_OVER_S, 30, 60)
TOO_EARLY_S = 15
STEADY = 0.05  # messages a second


def rates(measured: Sequence[Sample]) -> tuple[float, float]:
    """Messages in and out a second, over the last ten seconds of a series."""
    lately = _last(measured, RATE_OVER_S)
    came_in, went_out = sum(each.came_in for each in lately), sum(each.went_out for each in lately)
    return round(came_in / RATE_OVER_S, 2), round(went_out / RATE_OVER_S, 2)


def forecast(measured: Sequence[Sample]) -> str:
    """What becomes of the queue if everything goes on as it does, in words."""
    if not measured:
        return "nothing measured"
    if not measured[-1].depth:
        return "empty"
    out = _rate_out(_since_it_was_empty(measured))
    if out is None:
        return "too early to say"
    return _told(measured[-1].depth, rates(measured)[0], out)


def _told(depth: int, into: float, out: float) -> str:
    net = out - into
    if not out:
        return "will not drain: nothing goes out"
    if abs(net) < STEADY:
        return "steady"
    if net < 0:
        return f"will not drain: {-net:.1f} more come in a second than go out"
    return f"drains in {_duration(depth / net)}"


def _rate_out(at_work: Sequence[Sample]) -> float | None:
    """Messages out a second over a time in which enough went out to tell; None when it is too early for that."""
    covered_s = at_work[-1].second - at_work[0].second + 1
    looks = [(sum(each.went_out for each in _last(at_work, look_s)), min(look_s, covered_s)) for look_s in LOOKS_S]
    out, over_s = next((look for look in looks if look[0] >= ENOUGH_OUT), looks[-1])
    return None if out < ENOUGH_OUT and covered_s < TOO_EARLY_S else out / over_s


def _since_it_was_empty(measured: Sequence[Sample]) -> Sequence[Sample]:
    """The newest samples in which somebody worked or something waited; a rate over idle time would be too low."""
    at_work = list(takewhile(lambda each: each.depth or each.busy, reversed(measured)))
    return at_work[::-1]


def _last(measured: Sequence[Sample], seconds: int) -> Sequence[Sample]:
    if not measured:
        return measured
    return measured[bisect_right(measured, measured[-1].second - seconds, key=lambda each: each.second) :]


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{max(1, math.ceil(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{round(minutes / 60)} h"
