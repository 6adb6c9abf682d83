"""The supervisor's measuring: once a second, one row for each sandbox in which something goes on."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from redis import Redis
from sqlalchemy import Row, delete, func, select

from workers import fleet
from workers.database import begin, insert_new, read, utc_now
from workers.harm import Harm
from workers.readings import Reading, ask
from workers.tables import dead_letters, outbox, samples, sandboxes
from workers.tallies import Tallies, Tally
from workers.timeline import Sample

QUIET_S = 5  # how often a sandbox is measured in which nothing moves
KEPT_S = 15 * 60


class Meter:
    """What is remembered from one second to the next."""

    def __init__(self) -> None:
        self.tallies = Tallies()
        self.harm = Harm()
        self.last: dict[str, Sample] = {}

    def take(self, broker: Redis, awake: Iterable[str]) -> dict[str, Sample]:
        """Measure the sandboxes that moved or are due; one question to the broker, one transaction for all rows."""
        named, second = set(awake), int(time.time())
        moved = {sandbox: tally for sandbox, tally in self.tallies.since_last().items() if sandbox in named}
        self.last = {sandbox: sample for sandbox, sample in self.last.items() if sandbox in named}
        self.harm.count(moved, named)
        chosen = [sandbox for sandbox in named if sandbox in moved or self._due(sandbox, second)]
        if not chosen:
            return {}
        living = fleet.living_in(chosen)
        readings = ask(broker, living)
        waiting = _waiting(chosen, readings)
        taken = {
            row.id: self._sample(row, second, moved.get(row.id, Tally()), living[row.id], readings[row.id])
            for row in waiting
        }
        _keep(taken)
        self.last |= taken
        return taken

    def _due(self, sandbox: str, second: int) -> bool:
        return sandbox not in self.last or second - self.last[sandbox].second >= QUIET_S

    def _sample(self, row: Row[Any], second: int, tally: Tally, living: list[Row[Any]], reading: Reading) -> Sample:
        lost, duplicated = self.harm.found[row.id]
        return Sample(
            second=second,
            depth=reading.depth,
            oldest_age_s=_age_s(row.oldest) if reading.depth else None,  # a row closes after its acknowledgement
            came_in=tally.came_in,
            went_out=tally.went_out,
            busy=sum(worker.job is not None for worker in reading.workers.values()),
            alive=len(living),
            scheduled=reading.scheduled,
            dead=row.dead,
            lost=lost,
            duplicated=duplicated,
            wait_now_s=tally.mean_wait_s("now"),
            wait_later_s=tally.mean_wait_s("later"),
        )


def purge() -> None:
    """Forget what was measured more than a quarter of an hour ago."""
    with begin() as db:
        db.execute(delete(samples).where(samples.c.second < time.time() - KEPT_S))


def _waiting(chosen: list[str], readings: dict[str, Reading]) -> list[Row[Any]]:
    """What only the ledger knows of these sandboxes: when the oldest waiting message came, and how many are dead."""
    leased = [job for reading in readings.values() for job in reading.leases]
    mine, dead = outbox.c.sandbox == sandboxes.c.id, dead_letters.c.sandbox == sandboxes.c.id
    waits = mine, outbox.c.closed_at.is_(None), outbox.c.dead_at.is_(None), outbox.c.due_at.is_(None)
    committed = select(outbox.c.committed_at).where(*waits, outbox.c.message.not_in(leased))
    oldest = committed.order_by(outbox.c.committed_at).limit(1).scalar_subquery()
    lying = select(func.count()).select_from(dead_letters).where(dead, dead_letters.c.deleted_at.is_(None))
    known = select(sandboxes.c.id, oldest.label("oldest"), lying.scalar_subquery().label("dead"))
    with read() as db:
        return list(db.execute(known.where(sandboxes.c.id.in_(chosen))))


def _age_s(moment: datetime | None) -> float | None:
    return round((utc_now() - moment).total_seconds(), 1) if moment else None


def _keep(taken: dict[str, Sample]) -> None:
    with begin() as db:
        here = db.execute(select(sandboxes.c.id).where(sandboxes.c.id.in_(taken))).scalars()  # not deleted meanwhile
        insert_new(db, samples, [{"sandbox": sandbox, **asdict(taken[sandbox])} for sandbox in here])
