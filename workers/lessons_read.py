"""Which lessons a reader has opened, and when she did so first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from workers.database import begin, insert_once, read, utc_now
from workers.tables import lessons_read


def mark(sandbox: str, lesson: str) -> None:
    """Keep the first time; a later look only reads, so that nobody waits for the ledger's one writer."""
    if lesson in of_sandbox(sandbox):
        return
    with begin() as db:
        insert_once(db, lessons_read, sandbox=sandbox, lesson=lesson, at=utc_now())


def of_sandbox(sandbox: str) -> dict[str, datetime]:
    """The lessons opened so far, by slug."""
    with read() as db:
        rows = db.execute(select(lessons_read).where(lessons_read.c.sandbox == sandbox).order_by(lessons_read.c.at))
        return {row.lesson: row.at for row in rows}
