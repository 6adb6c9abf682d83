"""Where a worker stands while its sandbox holds it, before each action of one step: the worker's side of a hold.

The ledger says who stands and who may go; the broker only rings, so one that is away delays them a little.
"""

from __future__ import annotations

import os
import time
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, false, insert, select

from workers import events
from workers.connections import BrokerAway, broker
from workers.database import DatabaseAway, begin, read, utc_now
from workers.tables import holds, standing

LOOK_EVERY_S = 0.5
ACTIONS = ("check", "claim", "in", "mark")
BEFORE_ACK = "before_ack"


def going_on(sandbox: str) -> tuple[ColumnElement[bool], ...]:
    """The conditions for the hold of a sandbox that is in force."""
    return holds.c.sandbox == sandbox, holds.c.ended_at.is_(None), holds.c.until > utc_now()


def closed(sandbox: str, place: str) -> ColumnElement[bool]:
    """Whether workers have to stand at this place now."""
    action, _, step = place.partition(":")
    if place == BEFORE_ACK:
        return exists().where(*going_on(sandbox))
    return exists().where(*going_on(sandbox), holds.c.step == step) if action in ACTIONS else false()


def stand(sandbox: str, worker: str, order: int, delivery: int, place: str) -> None:
    """Stand here until released, or until the hold is over; a lease is renewed meanwhile. Raises DatabaseAway."""
    mine = (standing.c.sandbox == sandbox, standing.c.worker == worker)
    here = {"worker": worker, "pid": os.getpid(), "order": order, "place": place}
    told: dict[str, Any] = here | {"message": f"{sandbox}-{order}", "attempt": delivery}
    told["step"] = place.partition(":")[2] or None
    with begin() as db:
        db.execute(delete(standing).where(*mine))
        db.execute(insert(standing).values(**here, sandbox=sandbox, delivery=delivery, since=utc_now()))
        events.append(sandbox, events.WorkerHeld(**told), db=db)
    while not _may_go(sandbox, worker, place):
        _wait_for_the_bell(sandbox, worker)
    with begin() as db:
        if db.execute(delete(standing).where(*mine)).rowcount:  # else its sandbox is gone
            events.append(sandbox, events.WorkerReleased(**told), db=db)


def ring(sandbox: str, *workers: str) -> None:
    """Wake workers after the ledger says that they may go; a bell that nobody waits for means one look more."""
    try:
        with broker().pipeline() as pipe:
            for worker in workers:
                pipe.rpush(_bell(sandbox, worker), 1)
                pipe.expire(_bell(sandbox, worker), 60)
            pipe.execute()
    except BrokerAway:
        return  # they look by themselves soon


def _may_go(sandbox: str, worker: str, place: str) -> bool:
    stays = (standing.c.sandbox == sandbox, standing.c.worker == worker, standing.c.released_at.is_(None))
    try:
        with read() as db:
            return db.execute(select(standing.c.worker).where(*stays, closed(sandbox, place))).first() is None
    except DatabaseAway:
        return False


def _wait_for_the_bell(sandbox: str, worker: str) -> None:
    try:
        broker().blpop([_bell(sandbox, worker)], timeout=LOOK_EVERY_S)
    except BrokerAway:
        time.sleep(LOOK_EVERY_S)


def _bell(sandbox: str, worker: str) -> str:
    return f"ticketwheel:bell:{sandbox}:{worker}"
