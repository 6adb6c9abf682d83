"""Reads what the control room shows: all of it every five seconds, in between what the record says has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lessons import numbers
from lessons.facts import Crew, Facts, History, Told
from workers import alerts, timeline
from workers.ongoing import ongoing
from workers.snapshot import Snapshot
from workers.timeline import Act

SHOWN_ALERTS = 6
EVERY_S = 5  # the charts go on in steps of so many seconds, and so do the tiles' histories


def now(sandbox: str, snapshot: Snapshot, before: Facts | None = None) -> Facts:
    """From a snapshot, and from the database what may have changed since it was read before."""
    second = int(snapshot.at.timestamp())
    facts = Facts(snapshot.at, numbers.of_snapshot(snapshot), History(second), snapshot.ledger, _crew(snapshot))
    facts = replace(facts, an_order=_an_order(snapshot), version=snapshot.version, looked=second)
    if before is None or epoch(before.looked) != epoch(second):
        return replace(facts, history=_history(sandbox, epoch(second), second), **_around(sandbox))
    if before.version == snapshot.version or before.looked == second:
        facts = replace(facts, history=before.history, ongoing=before.ongoing, alerts=before.alerts)
        return replace(facts, version=before.version, looked=before.looked)
    acts = _acts(sandbox, epoch(second), second)
    history = before.history if acts == before.history.acts else replace(before.history, acts=acts)
    return replace(facts, history=history, **_around(sandbox))


def then(sandbox: str, second: int) -> Facts:
    """As it was at a second since 1970, from what was measured then."""
    history = replace(_history(sandbox, second, second), live=False)
    at = datetime.fromtimestamp(second, UTC)
    return Facts(at, numbers.of_series(history.series), history, alerts=_alerts(sandbox, at), live=False)


def epoch(second: int) -> int:
    """Up to which second the history is shown: the same for a while, so that all processes show the same one.

    The newest second is left out, because its sample may not be written yet.
    """
    return (second - 1) // EVERY_S * EVERY_S


def _history(sandbox: str, until: int, now: int) -> History:
    return History(until, timeline.series(sandbox, until), _acts(sandbox, until, now))


def _acts(sandbox: str, until: int, now: int) -> tuple[Act, ...]:
    return timeline.acts(sandbox, until - timeline.TEN_MINUTES_S, now + 1)


def _around(sandbox: str) -> dict[str, Any]:
    return {"ongoing": ongoing(sandbox), "alerts": _alerts(sandbox)}


def _alerts(sandbox: str, at: datetime | None = None) -> tuple[Told, ...]:
    """The latest alerts, newest first; with a moment, as they stood then."""
    found = alerts.recent(sandbox, SHOWN_ALERTS)
    if at:
        found = tuple(each for each in found if each.fired_at <= at)
        found = tuple(replace(each, resolved_at=_before(each.resolved_at, at)) for each in found)
    return tuple(Told(each.rule.name, each.fired_at, each.resolved_at) for each in found)


def _before(moment: datetime | None, at: datetime) -> datetime | None:
    return moment if moment and moment <= at else None


def _an_order(snapshot: Snapshot) -> int | None:
    busy = [worker.order for worker in snapshot.workers if worker.order]
    done = [ticket.order for ticket in snapshot.done]
    return next(iter(done + busy), None)


def _crew(snapshot: Snapshot) -> Crew:
    return Crew(snapshot.workers, int(str(snapshot.settings["workers"])), snapshot.caps["workers"], snapshot.supervised)
