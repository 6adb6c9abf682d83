"""What the record says of every sandbox since it was last asked: each event is counted once, by its number."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import fmean

from sqlalchemy import Connection, func, select

from workers.database import read
from workers.tables import event_log

NOT_AWAY_S = 10  # who was away for longer begins anew, or one second would hold a minute's events


@dataclass
class Tally:
    """How many events of each type, and how long the customers waited who were answered."""

    counts: Counter[str] = field(default_factory=Counter)
    waits: dict[str, list[float]] = field(default_factory=lambda: {"now": [], "later": []})

    @property
    def came_in(self) -> int:
        return self.counts["MessageEnqueued"] + self.counts["MessageReplayed"]

    @property
    def went_out(self) -> int:
        return self.counts["MessageAcknowledged"]

    def mean_wait_s(self, checkout: str) -> float | None:
        """In seconds; None when no such customer was answered."""
        waits = self.waits[checkout]
        return round(fmean(waits), 2) if waits else None


class Tallies:
    """The number of the last event that was counted."""

    def __init__(self) -> None:
        self.sequence: int | None = None
        self.asked_at = 0.0

    def since_last(self) -> dict[str, Tally]:
        """By sandbox, only those in which something happened; nothing at the first time."""
        away = time.monotonic() - self.asked_at > NOT_AWAY_S
        self.asked_at = time.monotonic()
        with read() as db:
            newest = db.execute(select(func.max(event_log.c.sequence))).scalar_one() or 0
            before, self.sequence = self.sequence, newest
            return {} if before is None or away else _between(db, before, newest)


def _between(db: Connection, after: int, upto: int) -> dict[str, Tally]:
    fresh = event_log.c.sequence > after, event_log.c.sequence <= upto
    by_type = select(event_log.c.sandbox, event_log.c.type, func.count()).where(*fresh)
    tallies: dict[str, Tally] = {}
    for sandbox, kind, count in db.execute(by_type.group_by(event_log.c.sandbox, event_log.c.type)):
        tallies.setdefault(sandbox, Tally()).counts[kind] = count
    answered = select(event_log.c.sandbox, event_log.c.details).where(*fresh, event_log.c.type == "CustomerAnswered")
    if any(tally.counts["CustomerAnswered"] for tally in tallies.values()):
        for sandbox, details in db.execute(answered):
            tallies[sandbox].waits[details["checkout"]].append(details["waited_s"])
    return tallies
