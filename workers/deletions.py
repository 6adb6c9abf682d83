"""Deletions of dead letters: they can be taken back for a moment, then the supervisor makes them final."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import delete, func, select, update

from workers import dead_letters, events, places
from workers.chosen import Chosen
from workers.connections import broker
from workers.database import begin, read, utc_now
from workers.errors import CountChanged
from workers.tables import dead_letters as letters
from workers.tables import outbox

CHUNK = 1000
UNDO_FOR_S = 30
FINAL_AFTER_S = UNDO_FOR_S + 2  # so that whoever undoes it in the last moment gets all of them back


def remove(sandbox: str, chosen: Chosen, expected: int | None = None) -> int:
    """Delete the chosen letters; how many. Raises CountChanged when there are not as many as `expected`."""
    now, total = utc_now(), dead_letters.count(sandbox, chosen)
    if expected is not None and total != expected:
        raise CountChanged(total)
    mine = (*chosen.conditions(sandbox), letters.c.dead_at <= now)
    deleted = sum(iter(lambda: _mark(sandbox, mine, now), 0))  # in chunks, so that nobody waits for long
    if deleted:
        events.append(sandbox, events.DeadLettersDeleted(count=deleted))
    return deleted


def restore(sandbox: str) -> int:
    """Take back what was deleted in the last 30 seconds; how many came back."""
    with begin() as db:
        count = db.execute(update(letters).where(*_recent(sandbox)).values(deleted_at=None)).rowcount
        if count:
            events.append(sandbox, events.DeadLettersRestored(count=count), db=db)
    return count


def count_undoable(sandbox: str) -> int:
    """How many letters `restore` would bring back now."""
    with read() as db:
        return int(db.execute(select(func.count()).where(*_recent(sandbox))).scalar_one())


def purge() -> int:
    """Make old deletions final: the broker forgets the messages, and the ledger closes their rows."""
    old = letters.c.deleted_at < utc_now() - timedelta(seconds=FINAL_AFTER_S)
    chosen = select(letters.c.sandbox, letters.c.message).where(old).order_by(letters.c.sandbox).limit(CHUNK)
    with read() as db:
        rows = db.execute(chosen).all()
    for sandbox, group in groupby(rows, attrgetter("sandbox")):
        _purge(sandbox, [row.message for row in group])
    return len(rows)


def purge_now(sandbox: str) -> None:
    """Make every deletion of this sandbox final: nobody will take it back."""
    deleted = select(letters.c.message).where(letters.c.sandbox == sandbox, letters.c.deleted_at.is_not(None))
    with read() as db:
        named = list(db.execute(deleted).scalars())
    if named:
        _purge(sandbox, named)


def _recent(sandbox: str) -> tuple[Any, ...]:
    return letters.c.sandbox == sandbox, letters.c.deleted_at > utc_now() - timedelta(seconds=UNDO_FOR_S)


def _mark(sandbox: str, conditions: tuple[Any, ...], now: Any) -> int:
    some = select(letters.c.message).where(*conditions).order_by(letters.c.dead_at).limit(CHUNK)
    with begin() as db:
        return db.execute(update(letters).where(letters.c.message.in_(some)).values(deleted_at=now)).rowcount


def _purge(sandbox: str, named: list[str]) -> None:
    # The broker first: after a death in between, the audit brings them back to it, and the next round ends it.
    places.forget(broker(), sandbox, named)
    with begin() as db:
        db.execute(delete(letters).where(letters.c.message.in_(named)))
        mine = update(outbox).where(outbox.c.message.in_(named), outbox.c.dead_at.is_not(None))
        db.execute(mine.values(closed_at=utc_now()))
        events.append(sandbox, events.DeadLettersPurged(count=len(named)), db=db)
