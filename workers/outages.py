"""The partner in trouble: for a time, after which the supervisor heals it, or until somebody changes the setting."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from workers import events, sandboxes
from workers.database import begin, read, utc_now
from workers.errors import UnknownSandbox
from workers.tables import outages

SLOW_S = 5.0  # of the story: how long a slow partner takes for its answer


def start(sandbox: str, partner: str, seconds: int) -> datetime:
    """The partner is "slow", "flaky" or "down" from now on; until when. An outage that goes on is over."""
    sandboxes.wake(sandbox)
    with begin() as db:
        return begin_in(db, sandbox, partner, seconds)


def begin_in(db: Connection, sandbox: str, partner: str, seconds: int) -> datetime:
    """The same in the caller's transaction."""
    now = utc_now()
    until = now + timedelta(seconds=seconds)
    settings = sandboxes.settings_of(sandbox, db)
    ended = sandboxes.end_outage(db, sandbox)
    row = {"sandbox": sandbox, "partner": partner, "started_at": now, "until": until}
    db.execute(insert(outages).values(**row))
    sandboxes.set_all(db, sandbox, settings | {"partner": partner})
    events.append(sandbox, *ended, events.OutageStarted(partner=partner, seconds=seconds), db=db)
    return until


def end(sandbox: str) -> bool:
    """The partner is up again; False if there was no outage, and then a setting that somebody made stays."""
    with begin() as db:
        settings = sandboxes.settings_of(sandbox, db)
        ended = sandboxes.end_outage(db, sandbox)
        if ended:
            sandboxes.set_all(db, sandbox, settings | {"partner": "up"})
            events.append(sandbox, *ended, db=db)
    return bool(ended)


def heal_the_due() -> int:
    """End every outage whose time is over, also if that was while nobody was there to do it; the number of them."""
    over = select(outages.c.sandbox).where(outages.c.ended_at.is_(None), outages.c.until <= utc_now())
    with read() as db:
        due = list(db.execute(over).scalars())
    return sum(_heal(sandbox) for sandbox in due)


def partner_of(sandbox: str) -> tuple[str, float]:
    """How the partner is for this sandbox, and how many seconds it takes for an answer."""
    try:
        settings = sandboxes.settings_of(sandbox)
    except UnknownSandbox:  # its workers may still be at their last message
        return "up", 0.0
    slow = settings["partner"] == "slow"
    return str(settings["partner"]), SLOW_S / float(settings["speed"]) if slow else 0.0


def _heal(sandbox: str) -> bool:
    try:
        return end(sandbox)
    except UnknownSandbox:
        return False
