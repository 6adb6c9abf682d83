"""What queueing theory says of waiting, and what runs that are as short as ours would show of it."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean, quantiles

UTILISATIONS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
RUNS = 200  # simulated for the band at one utilisation
SEED = 746


@dataclass(frozen=True)
class Band:
    """Where nine of ten simulated runs lie: mean time until done, in service times."""

    low: float
    high: float


def mean_time(workers: int, utilisation: float) -> float:
    """Erlang's formula for M/M/c: the mean time until done in the long run, in service times."""
    load = workers * utilisation
    term, total = 1.0, 1.0
    for number in range(1, workers):
        term *= load / number
        total += term
    last = term * load / workers / (1 - utilisation)
    return 1 + last / (total + last) / (workers * (1 - utilisation))


@lru_cache
def band(workers: int, utilisation: float, length: float) -> Band:
    """Of simulated runs that begin with an empty queue and last for `length` service times: 5 to 95 per cent."""
    dice = random.Random(f"{SEED} {workers} {utilisation}")
    means = [_run(workers, utilisation, length, dice) for _ in range(RUNS)]
    parts = quantiles(means, n=20)
    return Band(parts[0], parts[-1])


def _run(workers: int, utilisation: float, length: float, dice: random.Random) -> float:
    """The mean time until done in one run: random arrivals, random lengths, one line."""
    free, rate = [0.0] * workers, workers * utilisation
    at, times = dice.expovariate(rate), []
    while at < length:
        begins = max(at, heapq.heappop(free))
        ends = begins + dice.expovariate(1)
        heapq.heappush(free, ends)
        times.append(ends - at)
        at += dice.expovariate(rate)
    return fmean(times) if times else 1.0
