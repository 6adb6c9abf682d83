"""The audit of tickets: each one that is open is somewhere at the broker, or is put on its queue again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from operator import itemgetter

from redis import Redis
from sqlalchemy import select

from workers import events, fleet, places, tickets
from workers.database import read, utc_now
from workers.messages import CountEvents
from workers.pulling import held_key, low_key
from workers.tables import tickets as rows

LOOK_AFTER_S = 3.0  # a ticket that moves right now is nobody's orphan
ADOPTED_AT_MOST = 1000  # of one sandbox in one look
_OPEN = rows.c.closed_at.is_(None)


def find_orphans(broker: Redis, suspects: set[str]) -> set[str]:
    """Enqueue anew what was nowhere in two looks running: `suspects` is what the last look returned."""
    missing: set[str] = set()
    for sandbox, messages in _open_tickets().items():
        held = [held_key(worker.rq_name) for worker in fleet.living(sandbox)]
        nowhere = messages - _at_the_broker(broker, sandbox, held)
        _adopt(sandbox, sorted(nowhere & suspects)[:ADOPTED_AT_MOST])
        missing |= nowhere - suspects
    return missing


def busy_sandboxes() -> set[str]:
    """Sandboxes with a ticket that is still to be counted."""
    with read() as db:
        return set(db.execute(select(rows.c.sandbox).where(_OPEN).distinct()).scalars())


def _open_tickets() -> Mapping[str, set[str]]:
    settled = utc_now() - timedelta(seconds=LOOK_AFTER_S)
    named = select(rows.c.sandbox, rows.c.message).where(_OPEN, rows.c.committed_at < settled)
    with read() as db:
        found = groupby(db.execute(named.order_by(rows.c.sandbox)).all(), itemgetter(0))
        return {sandbox: {row[1] for row in of_sandbox} for sandbox, of_sandbox in found}


def _at_the_broker(broker: Redis, sandbox: str, held: Sequence[str]) -> set[str]:
    """Every message that is in one of the places, read in one step, because they may be moving."""
    with broker.pipeline() as pipe:
        pipe.zrange(places.leases_key(sandbox), 0, -1)
        for key in (places.queue_key(sandbox), low_key(sandbox), *held):
            pipe.lrange(key, 0, -1)
        return {entry.partition(b":")[0].decode() for entries in pipe.execute() for entry in entries}


def _adopt(sandbox: str, orphans: Sequence[str]) -> None:
    """Put them on the first queue, where a message goes that comes back."""
    if not orphans:
        return
    lost = select(rows.c.payload).where(rows.c.message.in_(orphans), _OPEN)
    with read() as db:
        messages = [CountEvents.decode(payload) for payload in db.execute(lost).scalars()]
    for message in messages:
        tickets.hand_over(message, prioritised=False)
    events.append(sandbox, *(events.MessageRedelivered(message=each.id, reason="orphaned") for each in messages))
