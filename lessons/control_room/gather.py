"""Reads what the control room shows: all of it every five seconds, in between what the record says has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lessons import drills
from lessons.charts import drawing
from lessons.control_room import numbers, troubles
from lessons.control_room.facts import Crew, Facts
from lessons.control_room.past import History
from workers.drills import paces
from workers.ongoing import ongoing
from workers.snapshot import Snapshot
from workers.watch import timeline
from workers.watch.timeline import Act

EVERY_S = 5  # the charts go on in steps of so many seconds, and so do the tiles' histories


def now(sandbox: str, snapshot: Snapshot, before: Facts | None = None) -> Facts:
    """From a snapshot, and from the database what may have changed since it was read before."""
    second = int(snapshot.at.timestamp())
    facts = Facts(snapshot.at, numbers.of_snapshot(snapshot), History(second), snapshot.ledger, _crew(snapshot))
    facts = replace(facts, an_order=_an_order(snapshot), version=snapshot.version, looked=second, sandbox=sandbox)
    if before is None or epoch(before.looked) != epoch(second):
        return replace(facts, history=_history(sandbox, epoch(second), second), **_around(sandbox, snapshot))
    if before.version == snapshot.version or before.looked == second:
        facts = replace(facts, history=before.history, ongoing=before.ongoing, alerts=before.alerts, dead=before.dead)
        facts = replace(facts, drill=before.drill, paces=before.paces)
        return replace(facts, version=before.version, looked=before.looked)
    acts = _acts(sandbox, epoch(second), second)
    history = before.history if acts == before.history.acts else replace(before.history, acts=acts)
    return replace(facts, history=history, **_around(sandbox, snapshot))


def then(sandbox: str, second: int) -> Facts:
    """As it was at a second since 1970, from what was measured then."""
    history = replace(_history(sandbox, second, second), live=False)
    at = datetime.fromtimestamp(second, UTC)
    return Facts(at, numbers.of_series(history.series, second), history, alerts=troubles.told(sandbox, at), live=False)


def epoch(second: int) -> int:
    """Up to which second the history is shown: the same for a while, so that all processes show the same one.

    The newest second is left out, because its sample may not be written yet.
    """
    return (second - 1) // EVERY_S * EVERY_S


def _history(sandbox: str, until: int, now: int) -> History:
    return History(
        until, timeline.series(sandbox, until, timeline.TEN_MINUTES_S + drawing.BEFORE_S), _acts(sandbox, until, now)
    )


def _acts(sandbox: str, until: int, now: int) -> tuple[Act, ...]:
    return timeline.acts(sandbox, until - timeline.TEN_MINUTES_S, now + 1)


def _around(sandbox: str, snapshot: Snapshot) -> dict[str, Any]:
    dead = troubles.dead(sandbox) if snapshot.dead_letters else ()
    in_force = () if snapshot.on_call else ongoing(sandbox)  # whatever is, is the drill's
    steps = paces.of_workers(sandbox) if snapshot.on_call else ()
    return {
        "ongoing": in_force,
        "alerts": troubles.told(sandbox),
        "dead": dead,
        "drill": drills.watch(sandbox),
        "paces": steps,
    }


def _an_order(snapshot: Snapshot) -> int | None:
    busy = [worker.order for worker in snapshot.workers if worker.order]
    return next(iter([ticket.order for ticket in snapshot.done] + busy), None)


def _crew(snapshot: Snapshot) -> Crew:
    wished = None if snapshot.on_call else snapshot.wished
    return Crew(snapshot.workers, wished, snapshot.caps["workers"], snapshot.supervised)
