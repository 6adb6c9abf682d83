"""One look at many sandboxes: what the record, the broker and the ledger say of each at this second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from redis import Redis
from sqlalchemy import Row, func, select

from workers import fleet
from workers.database import read, utc_now
from workers.readings import Reading, ask
from workers.tables import dead_letters, outbox, sandboxes, tickets
from workers.watch.measures import Measures
from workers.watch.tally import Tally
from workers.watch.timeline import Sample


@dataclass(frozen=True)
class Look:
    """One sandbox at one second; `oldest` is when the oldest that waits came, `harm` what is lost and duplicated."""

    sandbox: str
    second: int
    tally: Tally
    reading: Reading
    living: list[Row[Any]]
    oldest: datetime | None
    dead: int
    harm: tuple[int, int]

    @cached_property
    def sample(self) -> Sample:
        return Sample(
            second=self.second,
            depth=self.reading.depth,
            # a row closes after its acknowledgement: what the queue does not hold does not wait
            oldest_age_s=round(_age_s(self.oldest), 1) if self.oldest and self.reading.depth else None,
            came_in=self.tally.came_in,
            went_out=self.tally.went_out,
            busy=sum(bool(row.early or self.reading.workers[row.name].lease_until) for row in self.living),
            alive=len(self.living),
            scheduled=self.reading.scheduled,
            dead=self.dead,
            lost=self.harm[0],
            duplicated=self.harm[1],
            wait_now_s=self.tally.mean_wait_s("now"),
            wait_later_s=self.tally.mean_wait_s("later"),
            small_in=self.tally.small["TicketAccepted"],
            small_out=self.tally.small["TicketCounted"],
            shed=self.tally.small["MessageShed"],
            refused=self.tally.small["RequestRefused"],
            memory_bytes=self.reading.memory_bytes,
            wait_payments_s=self.tally.mean_wait_s("payments"),
            wait_analytics_s=self.tally.mean_wait_s("analytics"),
        )

    @property
    def silent_s(self) -> float:
        """For how long the most silent worker has sent no heartbeat; one that never did, since it began."""
        said = [(row, self.reading.workers[row.name].heartbeat_age_s) for row in self.living]
        return max((_age_s(row.started_at) if age is None else age for row, age in said), default=0.0)

    def measures(self, before: Measures) -> Measures:
        """The same under Prometheus's names, with totals that go on from those before."""
        return Measures(
            second=self.second,
            queue_depth=self.sample.depth,
            oldest_message_age_seconds=self.sample.oldest_age_s or 0.0,
            scheduled=self.sample.scheduled,
            dead_letters=self.dead,
            workers_alive=self.sample.alive,
            workers_busy=self.sample.busy,
            worker_heartbeat_age_seconds_max=self.silent_s,
            orders_lost=self.sample.lost,
            orders_duplicated=self.sample.duplicated,
            messages_in_total=before.messages_in_total + self.tally.came_in,
            messages_out_total=before.messages_out_total + self.tally.went_out,
            messages_taken_total=before.messages_taken_total + self.tally.taken,
            worker_deaths_total=before.worker_deaths_total + self.tally.counts["WorkerCrashed"],
        )


def look(
    broker: Redis, chosen: Sequence[str], second: int, moved: Mapping[str, Tally], harm: Mapping[str, tuple[int, int]]
) -> list[Look]:
    """Look at these sandboxes, as far as they still are: one question to the broker and two to the ledger."""
    living = fleet.living_in(chosen)
    readings = ask(broker, living)
    return [
        Look(
            sandbox=row.id,
            second=second,
            tally=moved.get(row.id) or Tally(),
            reading=readings[row.id],
            living=living[row.id],
            oldest=min((at for at in (row.oldest, row.oldest_ticket) if at), default=None),
            dead=row.dead,
            harm=harm[row.id],
        )
        for row in _of_ledger(chosen, readings)
    ]


def _of_ledger(chosen: Sequence[str], readings: Mapping[str, Reading]) -> list[Row[Any]]:
    """When the oldest waiting message of each sandbox came, and how many are dead."""
    leased = [job for reading in readings.values() for job in reading.leases]
    waits = outbox.c.closed_at.is_(None), outbox.c.dead_at.is_(None), outbox.c.due_at.is_(None)
    committed = select(outbox.c.committed_at).where(
        outbox.c.sandbox == sandboxes.c.id, *waits, outbox.c.message.not_in(leased)
    )
    lying = (
        select(func.count())
        .select_from(dead_letters)
        .where(dead_letters.c.sandbox == sandboxes.c.id, dead_letters.c.deleted_at.is_(None))
    )
    of_tickets = select(func.min(tickets.c.committed_at)).where(
        tickets.c.sandbox == sandboxes.c.id, tickets.c.closed_at.is_(None), tickets.c.message.not_in(leased)
    )
    known = select(
        sandboxes.c.id,
        committed.order_by(outbox.c.committed_at).limit(1).scalar_subquery().label("oldest"),
        of_tickets.scalar_subquery().label("oldest_ticket"),
        lying.scalar_subquery().label("dead"),
    )
    with read() as db:
        return list(db.execute(known.where(sandboxes.c.id.in_(chosen))))


def _age_s(moment: datetime) -> float:
    return (utc_now() - moment).total_seconds()
