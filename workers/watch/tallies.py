"""What the record says of every sandbox since it was last asked: each event is counted once, by its number."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from sqlalchemy import Connection, func, select

from workers.database import read
from workers.tables import event_log

# Who has waited, and by what those who wait are told apart.
_WAITED = {"CustomerAnswered": "checkout", "TicketCounted": "about"}
_TOLD = frozenset({*_WAITED, "TicketAccepted", "MessageShed", "RequestRefused"})
NOT_AWAY_S = 10  # who was away for longer begins anew, or one second would hold a minute's events


@dataclass
class Tally:
    """How many events of each type, and how long the customers waited who were answered."""

    counts: Counter[str] = field(default_factory=Counter)
    waits: dict[str, list[float]] = field(default_factory=dict)  # by the kind of checkout, or what a ticket is about
    small: Counter[str] = field(default_factory=Counter)  # the small messages in tickets, by the type of the event

    @property
    def came_in(self) -> int:
        return self.counts["MessageEnqueued"] + self.counts["MessageReplayed"] + self.counts["TicketAccepted"]

    @property
    def went_out(self) -> int:
        return self.counts["MessageAcknowledged"] + self.counts["TicketCounted"]

    @property
    def taken(self) -> int:
        return self.counts["MessageTaken"] + self.counts["TicketCounted"] + self.counts["MessageShed"]

    def mean_wait_s(self, kind: str) -> float | None:
        """In seconds; None when no such customer was answered, or no such ticket counted."""
        waits = self.waits.get(kind)
        return round(fmean(waits), 2) if waits else None

    def read(self, kind: str, details: Mapping[str, Any]) -> None:
        """What an event tells beside its type."""
        self.small[kind] += details.get("small", 0)
        if kind in _WAITED:
            self.waits.setdefault(details[_WAITED[kind]], []).append(details["waited_s"])


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
    told = select(event_log.c.sandbox, event_log.c.type, event_log.c.details).where(*fresh, event_log.c.type.in_(_TOLD))
    if any(tally.counts.keys() & _TOLD for tally in tallies.values()):
        for sandbox, kind, details in db.execute(told):
            tallies[sandbox].read(kind, details)
    return tallies
