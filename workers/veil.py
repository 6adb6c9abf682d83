"""What is withheld while a drill is under way: whatever would name its cause; nothing that is shown is altered."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from workers.database import read
from workers.errors import DrillRunning
from workers.event_types import Event
from workers.tables import drills

# Causes. Their effects (deaths, failures, retries, alerts) stay in the record: these are what is to be read.
CAUSES = frozenset(
    {
        *("DrillFaultInjected", "CrashArmed", "WorkerFrozen", "WorkerThawed", "OutageStarted", "OutageEnded"),
        *("FloodStarted", "FloodEnded", "PoisonPlaced", "BrokerWiped"),
    }
)
DRILL = "drill"  # who changed a setting, in SettingsChanged


def hides(event: Event) -> bool:
    """Whether a drill withholds such an event; what the reader herself changes is no secret."""
    return event.type in CAUSES or getattr(event, "by", "") == DRILL


def over(db: Connection, sandbox: str, happened: Sequence[Event]) -> int | None:
    """The drill that is to withhold some of these events; None if there is none, or nothing to withhold."""
    return under_way(sandbox, db) if any(map(hides, happened)) else None


def under_way(sandbox: str, db: Connection | None = None) -> int | None:
    """The number of the drill that the sandbox is in."""
    if db is None:
        with read() as own:
            return under_way(sandbox, own)
    mine = select(drills.c.id).where(drills.c.sandbox == sandbox, drills.c.state != "over")
    number: int | None = db.execute(mine.limit(1)).scalar_one_or_none()
    return number


def refuse_in_drill(sandbox: str) -> None:
    """Raises DrillRunning: while somebody is on call, nothing else is to be broken."""
    if under_way(sandbox) is not None:
        raise DrillRunning(
            "A drill is under way, and you are on call: nothing else can be broken until it is over. "
            "Mend what is wrong, or end the drill."
        )
