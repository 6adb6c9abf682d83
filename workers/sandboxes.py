"""Sandboxes: every visitor's own lab, with its settings and its limits."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy import delete as delete_rows

from workers import breaker, connection_pool, events, queues, veil
from workers.database import begin, insert_once, read, utc_now
from workers.errors import HouseFull, UnknownSandbox
from workers.tables import metadata, outages, sandboxes

REQUEST_SLOTS = 64  # the most that a sandbox can have; so many never fill
DEFAULTS: dict[str, Any] = {
    "workers": 2,
    "speed": 1,
    "acknowledge": "late",
    "visibility_timeout_s": 8,
    "lease_renewal": True,
    "attempts": 3,
    "deaths": 5,
    "backoff": "exponential",
    "idempotency": "off",
    "idempotency_key": "order",
    "fencing": False,
    "handover": "outbox",
    "partner": "up",
    "webhook_timeout_s": 15,
    "circuit_breaker": False,
    "request_slots": REQUEST_SLOTS,
    "pool_size": connection_pool.POOL_SIZE,
    "pool_for": "workers",
    "cache": "none",
    "backpressure": "none",
    "queue_limit": 100,
    "low_share": 0,
    "shed_after_s": 5,
}
SPEEDS = (0.5, 1, 2, 4, 10)
CAPS = {
    "workers": 12,
    "queued_messages": 500,
    "queued_tickets": 3000,
    "checkouts_now": 16,
    "checkouts_later": 50,
    "lists_at_once": 12,
    "flood_per_second": 20,
    "flood_small_per_second": 1000,
    "flood_seconds": 30,
    "freeze_seconds": 60,
    "hold_seconds": 120,
    "outage_seconds": 120,
    "chaos_per_minute": 60,
    "worker_memory_mb": 1024,
}
AWAKE_AT_ONCE = 300
IDLE_AFTER_S = 300
_NAMED = select(sandboxes.c.id).where(sandboxes.c.id == bindparam("of"))
_SETTINGS = select(sandboxes.c.settings).where(sandboxes.c.id == bindparam("of"))  # asked for at every message
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def create(awake: bool = True, visitor: str | None = None) -> str:
    """A new sandbox with the default settings; its id cannot be guessed; asleep it has no workers. Raises HouseFull.

    For a `visitor`, a name of at most 64 characters, it is the one that she already has, if she has one.
    """
    sandbox = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    row = {"id": sandbox, "created_at": utc_now(), "acted_at": utc_now(), "awake": False, "last_order": 1000}
    with begin() as db:
        if not insert_once(db, sandboxes, **row, settings=DEFAULTS, visitor=visitor):
            sandbox = db.execute(select(sandboxes.c.id).where(sandboxes.c.visitor == visitor)).scalar_one()
    if awake:
        wake(sandbox)
    return sandbox


def exists(sandbox: str) -> bool:
    with read() as db:
        return db.execute(_NAMED, {"of": sandbox}).first() is not None


def settings_of(sandbox: str, db: Connection | None = None) -> dict[str, Any]:
    """The settings in force; in a transaction nobody else changes them until its end. Raises UnknownSandbox."""
    if db is None:
        with read() as own:
            stored = own.execute(_SETTINGS, {"of": sandbox}).scalar_one_or_none()
    else:
        stored = db.execute(_SETTINGS.with_for_update(), {"of": sandbox}).scalar_one_or_none()
    if stored is None:
        raise UnknownSandbox("There is no such sandbox.")
    return {**DEFAULTS, **stored}


def change(sandbox: str, changes: dict[str, Any], by: str = "visitor") -> None:
    """Change some settings and say so in the record; they hold from the next message on."""
    wake(sandbox)
    if changes.get("circuit_breaker") is False:
        breaker.forget(sandbox)
    with begin() as db:
        before = settings_of(sandbox, db)
        new = {name: value for name, value in changes.items() if before[name] != value}
        # Whatever the partner is set to is to stay: the outage that goes on no longer ends by itself.
        ended = end_outage(db, sandbox) if "partner" in changes else []
        if new:
            set_all(db, sandbox, before | new)
            ended.append(events.SettingsChanged(changes=new, by=by))
        events.append(sandbox, *ended, db=db)


def leave_lab(sandbox: str) -> None:
    """Bring back the default of each setting that a lesson's lab changed last, for a race at the story's own speed."""
    if veil.under_way(sandbox) is not None:
        return  # it would mend what a drill has broken
    record = [event.details for event in events.of_types(sandbox, ["SettingsChanged"])]
    # A drill brings back what it found: of whom that was, it does not change.
    last_by = {name: change["by"] for change in record if change["by"] != veil.DRILL for name in change["changes"]}
    change(sandbox, {name: DEFAULTS[name] for name, by in last_by.items() if by == "lab"})


def set_all(db: Connection, sandbox: str, settings: dict[str, Any]) -> None:
    """Write all settings, which were read in the same transaction."""
    db.execute(update(sandboxes).where(sandboxes.c.id == sandbox).values(settings=settings))


def end_outage(db: Connection, sandbox: str) -> list[events.Event]:
    """The partner's outage that goes on is over, whatever the setting says; what is to be said of it."""
    going_on = update(outages).where(outages.c.sandbox == sandbox, outages.c.ended_at.is_(None))
    rows = db.execute(going_on.values(ended_at=utc_now()).returning(outages.c.partner)).scalars()
    return [events.OutageEnded(partner=partner) for partner in rows]


def wake(sandbox: str) -> None:
    """The visitor acted: she has workers for the next minutes. Raises HouseFull when all seats are taken."""
    with begin() as db:
        awake = db.execute(select(sandboxes.c.awake).where(sandboxes.c.id == sandbox)).scalar_one_or_none()
        if awake is False and _count_awake(db) >= AWAKE_AT_ONCE:
            raise HouseFull("sandboxes awake at once", AWAKE_AT_ONCE, "come back in a few minutes", 60)
        db.execute(update(sandboxes).where(sandboxes.c.id == sandbox).values(awake=True, acted_at=utc_now()))


def wished_workers() -> dict[str, int]:
    """How many workers each sandbox that is awake wants."""
    with read() as db:
        rows = db.execute(select(sandboxes.c.id, sandboxes.c.settings).where(sandboxes.c.awake))
        return {row.id: int((DEFAULTS | row.settings)["workers"]) for row in rows}


def with_cache(mode: str) -> dict[str, float]:
    """The sandboxes that are awake and have this cache, with their speed."""
    with read() as db:
        rows = db.execute(select(sandboxes.c.id, sandboxes.c.settings).where(sandboxes.c.awake))
        chosen = [(row.id, DEFAULTS | row.settings) for row in rows]
    return {sandbox: float(settings["speed"]) for sandbox, settings in chosen if settings["cache"] == mode}


def send_idle_ones_to_sleep(busy: set[str]) -> None:
    """Sandboxes in which nobody has acted for five minutes and no message is open give their workers back."""
    idle_since = utc_now() - timedelta(seconds=IDLE_AFTER_S)
    idle = update(sandboxes).where(sandboxes.c.awake, sandboxes.c.acted_at < idle_since)
    with begin() as db:
        db.execute(idle.where(sandboxes.c.id.not_in(busy)).values(awake=False))


def delete(sandbox: str) -> None:
    """Forget a sandbox: its rows and its queue; its workers are stopped by the supervisor."""
    with begin() as db:
        for table in metadata.sorted_tables:
            # A worker's row stays until its process has ended.
            if "sandbox" in table.c and table.name != "workers":
                db.execute(delete_rows(table).where(table.c.sandbox == sandbox))
        db.execute(delete_rows(sandboxes).where(sandboxes.c.id == sandbox))
    queues.drop(sandbox)
    connection_pool.forget(sandbox)
    breaker.forget(sandbox, silently=True)


def _count_awake(db: Any) -> int:
    return int(db.execute(select(func.count()).where(sandboxes.c.awake)).scalar_one())
