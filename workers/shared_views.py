"""Views of a control room that somebody shared: kept as they were, for whoever has the link."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import delete, insert, select

from workers.database import begin, read, utc_now
from workers.tables import shared_views

MOST_OF_A_SANDBOX = 20


def keep(sandbox: str, content: dict[str, Any]) -> str:
    """Keep a view under an id that cannot be guessed; a sandbox's oldest one goes when there are too many."""
    view = secrets.token_urlsafe(12)
    mine = select(shared_views.c.id).where(shared_views.c.sandbox == sandbox)
    newest_first = mine.order_by(shared_views.c.made_at.desc(), shared_views.c.id)
    with begin() as db:
        db.execute(insert(shared_views).values(id=view, sandbox=sandbox, made_at=utc_now(), content=content))
        too_many = list(db.execute(newest_first.offset(MOST_OF_A_SANDBOX)).scalars())
        db.execute(delete(shared_views).where(shared_views.c.id.in_(too_many)))
    return view


def find(view: str) -> dict[str, Any] | None:
    """What was kept; None if there is no such view, or not any more."""
    with read() as db:
        wanted = select(shared_views.c.content).where(shared_views.c.id == view)
        return db.execute(wanted).scalar_one_or_none()
