"""The codes that bring a reader's progress to another device: only their digests, one a reader, for 90 days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select

from workers.database import begin, insert_once, read, utc_now
from workers.tables import resume_codes, sandboxes

VALID = timedelta(days=90)


@dataclass(frozen=True)
class Standing:
    """A code that is in force; what it says is known to its reader alone."""

    made_at: datetime
    expires_at: datetime


def keep(sandbox: str, digest: str) -> Standing | None:
    """Put a new code in the place of the reader's older one; None if another reader has the very same code."""
    now = utc_now()
    standing = Standing(now, now + VALID)
    with begin() as db:
        # Two requests of one reader stand in line, or both of their codes would stay.
        db.execute(select(sandboxes.c.id).where(sandboxes.c.id == sandbox).with_for_update())
        db.execute(delete(resume_codes).where(or_(resume_codes.c.sandbox == sandbox, resume_codes.c.expires_at <= now)))
        row = {"digest": digest, "sandbox": sandbox, "made_at": now, "expires_at": standing.expires_at}
        return standing if insert_once(db, resume_codes, **row) else None


def revoke(sandbox: str) -> None:
    """From now on no code leads to this reader."""
    with begin() as db:
        db.execute(delete(resume_codes).where(resume_codes.c.sandbox == sandbox))


def sandbox_of(digest: str) -> str | None:
    """Whose code it is; None when there is none like it, or when its time is over."""
    live = select(resume_codes.c.sandbox).where(resume_codes.c.digest == digest, resume_codes.c.expires_at > utc_now())
    with read() as db:
        return db.execute(live).scalar_one_or_none()


def standing(sandbox: str) -> Standing | None:
    """The reader's code that is in force, if she has one."""
    mine = select(resume_codes.c.made_at, resume_codes.c.expires_at).where(
        resume_codes.c.sandbox == sandbox, resume_codes.c.expires_at > utc_now()
    )
    with read() as db:
        row = db.execute(mine).first()
    return Standing(row.made_at, row.expires_at) if row else None
