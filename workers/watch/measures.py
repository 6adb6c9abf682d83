"""What is measured of each sandbox, under the names that Prometheus and the alerts' rules know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

HELP = {
    "queue_depth": "Messages that wait on the queue.",
    "oldest_message_age_seconds": "Age of the oldest message that waits; 0 while none does.",
    "scheduled": "Retries that are not due yet.",
    "dead_letters": "Messages that failed too often and lie aside.",
    "workers_alive": "Worker processes.",
    "workers_busy": "Workers that hold a message.",
    "worker_heartbeat_age_seconds_max": "Time since the heartbeat of the most silent worker.",
    "orders_lost": "Orders of which an effect is missing.",
    "orders_duplicated": "Orders of which an effect exists more than once.",
    "messages_in_total": "Messages put on the queue.",
    "messages_out_total": "Messages acknowledged.",
    "messages_taken_total": "Deliveries to a worker.",
    "worker_deaths_total": "Workers that died without being asked to end.",
}


@dataclass(frozen=True)
class Measures:
    """One sandbox at one second; the totals count from when the supervisor first saw it."""

    second: int
    queue_depth: int = 0
    oldest_message_age_seconds: float = 0.0
    scheduled: int = 0
    dead_letters: int = 0
    workers_alive: int = 0
    workers_busy: int = 0
    worker_heartbeat_age_seconds_max: float = 0.0
    orders_lost: int = 0
    orders_duplicated: int = 0
    messages_in_total: int = 0
    messages_out_total: int = 0
    messages_taken_total: int = 0
    worker_deaths_total: int = 0


class Window:
    """The newest measures of one sandbox with those before them, oldest first."""

    def __init__(self, past: Sequence[Measures]) -> None:
        self.past = past

    @property
    def now(self) -> Measures:
        return self.past[-1]

    def change(self, name: str, seconds: int) -> float:
        """How much more than so many seconds ago; NaN, with which every comparison fails, when that is not known."""
        then = self._then(seconds)
        return self._more_than(then, name) if then else nan

    def increase(self, name: str, seconds: int) -> float:
        """How much a total grew in so many seconds, or for as long as it is known; NaN when it was seen only once."""
        then = self._then(seconds) or (self.past[0] if len(self.past) > 1 else None)
        return self._more_than(then, name) if then else nan

    def _then(self, seconds: int) -> Measures | None:
        early = (each for each in reversed(self.past) if each.second <= self.now.second - seconds)
        return next(early, None)

    def _more_than(self, then: Measures, name: str) -> float:
        return float(getattr(self.now, name) - getattr(then, name))
