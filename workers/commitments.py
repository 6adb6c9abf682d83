"""What a learner committed to: a prediction before a run, an observation after it. Never scored."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from workers.database import begin, read, utc_now
from workers.tables import commitments


def commit(sandbox: str, lab: str, kind: str, choice: str) -> None:
    """Keep the latest choice."""
    mine = (commitments.c.sandbox == sandbox, commitments.c.lab == lab, commitments.c.kind == kind)
    with begin() as db:
        db.execute(delete(commitments).where(*mine))
        row = {"sandbox": sandbox, "lab": lab, "kind": kind, "choice": choice, "at": utc_now()}
        db.execute(insert(commitments).values(**row))


def forget(sandbox: str, lab: str, kind: str) -> None:
    """A new run begins: what was said of the last one does not count for it."""
    mine = (commitments.c.sandbox == sandbox, commitments.c.lab == lab, commitments.c.kind == kind)
    with begin() as db:
        db.execute(delete(commitments).where(*mine))


def of_lab(sandbox: str, lab: str) -> dict[str, str]:
    """The choices made so far, by kind ("prediction", "observation")."""
    mine = select(commitments).where(commitments.c.sandbox == sandbox, commitments.c.lab == lab)
    with read() as db:
        return {row.kind: row.choice for row in db.execute(mine)}


def of_sandbox(sandbox: str) -> dict[str, dict[str, str]]:
    """The choices made so far in all labs, by lab and kind, in the order in which the labs were begun."""
    mine = select(commitments).where(commitments.c.sandbox == sandbox).order_by(commitments.c.at)
    found: dict[str, dict[str, str]] = {}
    with read() as db:
        for row in db.execute(mine):
            found.setdefault(row.lab, {})[row.kind] = row.choice
    return found
