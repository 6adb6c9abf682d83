"""Replays: dead letters go back to the queue, in chunks, with all of their tries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from workers import dead_letters, events, places, queues, sandboxes
from workers.chosen import Chosen
from workers.connections import broker
from workers.database import begin, read, utc_now
from workers.errors import CountChanged, UnknownSandbox
from workers.messages import CompleteOrder
from workers.tables import dead_letters as letters
from workers.tables import outbox, replays

CHUNK = 1000
LASTS_AT_MOST = timedelta(seconds=60)  # one that has not ended by then was cut off with its process


@dataclass(frozen=True)
class Progress:
    """How far a replay is; `skipped` are those that somebody else replayed or deleted meanwhile."""

    total: int
    replayed: int
    skipped: int
    running: bool


def replay(sandbox: str, chosen: Chosen, expected: int | None = None) -> Progress:
    """Put the chosen letters back on the queue; two who do it at once do it once.

    Raises CountChanged when there are not as many as `expected`, HouseFull, and UnknownSandbox if it was deleted.
    """
    sandboxes.wake(sandbox)
    number, began = _begin(sandbox, chosen, expected)
    while (claimed := _claim_chunk(sandbox, chosen, number, began)) is not None:
        gone = places.replay(broker(), sandbox, claimed)
        if gone:
            queues.enqueue_anew(sandbox, _messages(gone))
    return _end(number)


def stop(sandbox: str) -> bool:
    """Let the running replay end after its present chunk; False if none runs."""
    running = update(replays).where(replays.c.sandbox == sandbox, replays.c.ended_at.is_(None))
    with begin() as db:
        return db.execute(running.values(stop_at=utc_now())).rowcount > 0


def progress(sandbox: str) -> Progress | None:
    """How far the newest replay is or came; None before the first."""
    newest = select(replays).where(replays.c.sandbox == sandbox).order_by(replays.c.id.desc()).limit(1)
    with read() as db:
        row = db.execute(newest).one_or_none()
    return _progress(row) if row else None


def _begin(sandbox: str, chosen: Chosen, expected: int | None) -> tuple[int, datetime]:
    now = utc_now()
    row = {"sandbox": sandbox, "replayed": 0, "skipped": 0, "started_at": now}
    total = dead_letters.count(sandbox, chosen)
    if expected is not None and total != expected:
        raise CountChanged(total)
    with begin() as db:
        return int(db.execute(insert(replays).values(**row, total=total).returning(replays.c.id)).scalar_one()), now


def _claim_chunk(sandbox: str, chosen: Chosen, number: int, began: datetime) -> list[str] | None:
    """Let the next letters be messages again, in one transaction; None when there are no more, or it is to stop."""
    # Those that fail again meanwhile are not chosen again, or it would never end.
    mine = (*chosen.conditions(sandbox), letters.c.dead_at <= began)
    oldest = select(letters.c.message).where(*mine).order_by(letters.c.dead_at).limit(CHUNK)
    with begin() as db:
        if db.execute(select(replays.c.id).where(replays.c.id == number, replays.c.stop_at.is_(None))).first() is None:
            return None
        named = list(db.execute(oldest).scalars())
        return _revive(db, sandbox, number, named) if named else None


def _revive(db: Connection, sandbox: str, number: int, named: Sequence[str]) -> list[str]:
    """Those of them that really were dead are messages like others now."""
    dead = (outbox.c.message.in_(named), outbox.c.dead_at.is_not(None), outbox.c.closed_at.is_(None))
    anew = {"dead_at": None, "due_at": None, "failures": 0, "deaths": 0, "spared": 0}
    claimed = set(db.execute(update(outbox).where(*dead).values(anew).returning(outbox.c.message)).scalars())
    in_order = [message for message in named if message in claimed]
    again = select(letters.c.order, letters.c.message).where(letters.c.message.in_(in_order))
    events.append_for_each(db, sandbox, events.MessageReplayed(), again.order_by(letters.c.dead_at))
    db.execute(delete(letters).where(letters.c.message.in_(named)))
    done = update(replays).where(replays.c.id == number)
    db.execute(done.values(replayed=replays.c.replayed + len(in_order)))
    return in_order


def _end(number: int) -> Progress:
    """What was neither replayed nor left because it was stopped, somebody else has dealt with."""
    mine = update(replays).where(replays.c.id == number)
    with begin() as db:
        db.execute(mine.where(replays.c.stop_at.is_(None)).values(skipped=replays.c.total - replays.c.replayed))
        row = db.execute(mine.values(ended_at=utc_now()).returning(replays)).one_or_none()
    if row is None:
        raise UnknownSandbox("The sandbox was deleted meanwhile.")
    return _progress(row)


def _messages(named: Sequence[str]) -> list[CompleteOrder]:
    chosen = select(outbox.c.payload).where(outbox.c.message.in_(named)).order_by(outbox.c.committed_at)
    with read() as db:
        return [CompleteOrder.decode(payload) for payload in db.execute(chosen).scalars()]


def _progress(row: Any) -> Progress:
    running = row.ended_at is None and row.started_at > utc_now() - LASTS_AT_MOST
    return Progress(row.total, row.replayed, row.skipped, running)
