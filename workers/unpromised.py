"""Messages that nothing in the database promised: once the broker has forgotten one, it is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from redis import Redis
from sqlalchemy import select, update

from workers import events, fleet
from workers.database import begin, read, utc_now
from workers.tables import event_log, outbox

AT_A_TIME = 1000


def lose(broker: Redis, sandbox: str, forgotten: Sequence[str]) -> None:
    """Of what the broker has forgotten, close the rows of what nobody promised; what was left to do is lost.

    Not of what a living worker is at: it may finish that, and dead letters are kept by the ledger itself.
    """
    for start in range(0, len(forgotten), AT_A_TIME):
        gone = _rows(sandbox, forgotten[start : start + AT_A_TIME])
        if gone:
            _lose(sandbox, gone - set(_at_work(broker, sandbox)))


def _rows(sandbox: str, messages: Sequence[str]) -> set[str]:
    named = (outbox.c.sandbox == sandbox, outbox.c.message.in_(messages), ~outbox.c.promised)
    alive = (outbox.c.closed_at.is_(None), outbox.c.dead_at.is_(None))
    with read() as db:
        return set(db.execute(select(outbox.c.message).where(*named, *alive)).scalars())


def _lose(sandbox: str, messages: set[str]) -> None:
    alive = (outbox.c.closed_at.is_(None), outbox.c.dead_at.is_(None))
    closing = update(outbox).where(outbox.c.message.in_(messages), *alive).values(closed_at=utc_now(), due_at=None)
    with begin() as db:
        rows = db.execute(closing.returning(outbox.c.message, outbox.c.order)).all()
        told = [events.MessageLost(order=row.order, message=row.message) for row in sorted(rows)]
        events.append(sandbox, *told, db=db)


def _at_work(broker: Redis, sandbox: str) -> Iterator[str]:
    """What its busy workers took last; that they hold it, the broker may have forgotten."""
    took = select(event_log.c.message).where(event_log.c.sandbox == sandbox, event_log.c.type == "MessageTaken")
    for row in fleet.living(sandbox):
        if broker.hget(f"rq:worker:{row.rq_name}", "state") == b"busy":
            its = took.where(event_log.c.worker == row.name, event_log.c.at >= row.started_at)
            with read() as db:
                yield from db.execute(its.order_by(event_log.c.sequence.desc()).limit(1)).scalars()
