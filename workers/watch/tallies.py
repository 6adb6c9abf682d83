"""What the record says of every sandbox since it was last asked: each event is counted once, by its number."""

from __future__ import annotations

import time

from sqlalchemy import Connection, func, select

from workers.database import read
from workers.tables import event_log
from workers.watch.tally import TOLD, Tally

NOT_AWAY_S = 10  # who was away for longer begins anew, or one second would hold a minute's events


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
    told = select(event_log.c.sandbox, event_log.c.type, event_log.c.details).where(*fresh, event_log.c.type.in_(TOLD))
    if any(tally.counts.keys() & TOLD for tally in tallies.values()):
        for sandbox, kind, details in db.execute(told):
            tallies[sandbox].read(kind, details)
    return tallies
