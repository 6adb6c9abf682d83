"""What the control room lists of alerts and dead letters, read from the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from lessons.control_room.facts import DeadKind, Told
from workers import dead_letters
from workers.watch import alerts

SHOWN_ALERTS, SEARCHED_ALERTS = 6, 200
SHOWN_KINDS = 4


def told(sandbox: str, at: datetime | None = None) -> tuple[Told, ...]:
    """The latest alerts, newest first; with a moment, as they stood then."""
    found = alerts.recent(sandbox, SHOWN_ALERTS if at is None else SEARCHED_ALERTS)
    if at:
        found = tuple(each for each in found if each.fired_at <= at)[:SHOWN_ALERTS]
        found = tuple(replace(each, resolved_at=_before(each.resolved_at, at)) for each in found)
    return tuple(Told(each.rule.name, each.fired_at, each.resolved_at) for each in found)


def dead(sandbox: str) -> tuple[DeadKind, ...]:
    """The most frequent kinds of dead letters."""
    return tuple(
        DeadKind(each.name, each.count, each.first_seen, each.last_seen, each.sample.error)
        for each in dead_letters.groups(sandbox)[:SHOWN_KINDS]
    )


def _before(moment: datetime | None, at: datetime) -> datetime | None:
    return moment if moment and moment <= at else None
