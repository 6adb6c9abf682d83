"""What the control room knows of a sandbox at one moment: now, earlier, or when somebody shared it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from lessons import charts
from lessons.charts import Charts, Spark
from workers import alerts, timeline
from workers.ongoing import Ongoing, ongoing
from workers.snapshot import Ledger, Snapshot, WorkerView
from workers.timeline import Act, Sample

SHOWN_ALERTS = 6
EVERY_S = 5  # the charts go on in steps of so many seconds, and so do the tiles' histories


@dataclass(frozen=True)
class Figures:
    """The numbers of the tiles."""

    depth: int = 0
    oldest_at: datetime | None = None
    in_per_s: float = 0.0
    out_per_s: float = 0.0
    busy: int = 0
    alive: int = 0
    scheduled: int = 0
    dead: int = 0
    lost: int = 0
    duplicated: int = 0


@dataclass(frozen=True)
class Crew:
    """The workers, how many of them are wished for, and how many there may be."""

    workers: tuple[WorkerView, ...]
    wished: int
    cap: int
    supervised: bool  # somebody looks at their processes


@dataclass(frozen=True)
class History:
    """The ten minutes up to a moment, and what is drawn of them, once."""

    until: int  # seconds since 1970
    series: tuple[Sample, ...] = ()
    acts: tuple[Act, ...] = ()

    @cached_property
    def sparks(self) -> dict[str, Spark]:
        return charts.sparks(self.series, self._drawn_until)

    @cached_property
    def forecast(self) -> str:
        return timeline.forecast(self.series) if self.series else ""

    def charts(self, live: bool) -> Charts:
        return charts.draw(self.series, self.acts, self._drawn_until, live=live)

    @property
    def _drawn_until(self) -> float:
        """A little later, so that the axis has room for what was done since the last sample."""
        return self.until + 0.5


@dataclass(frozen=True)
class Told:
    """An alert: its rule by name, when it fired, and when that was over."""

    rule: str
    fired_at: datetime
    resolved_at: datetime | None = None


@dataclass(frozen=True)
class Facts:
    """One sandbox at one moment; of the past, the ledger and the workers are not known."""

    at: datetime
    figures: Figures
    history: History
    ledger: Ledger | None = None
    crew: Crew | None = None
    ongoing: tuple[Ongoing, ...] = ()
    alerts: tuple[Told, ...] = ()
    an_order: int | None = None  # the latest whose message was taken: one that can be delivered again
    live: bool = True  # it goes on, and can be acted on
    version: int = 0  # of the record when it was last looked for acts
    looked: int = 0  # the second at which that was


_AS_JSON: TypeAdapter[Facts] = TypeAdapter(Facts)
_HOW_IT_WAS_READ = {"version", "looked"}


def now(sandbox: str, snapshot: Snapshot, before: Facts | None = None) -> Facts:
    """From a snapshot, and from the database what may have changed since it was read before."""
    second = int(snapshot.at.timestamp())
    facts = Facts(snapshot.at, _figures(snapshot), History(second), snapshot.ledger, _crew(snapshot))
    facts = replace(facts, an_order=_an_order(snapshot), version=snapshot.version, looked=second)
    if before is None or _epoch(before.looked) != _epoch(second):
        return replace(facts, history=_history(sandbox, _epoch(second), second), **_around(sandbox))
    if before.version == snapshot.version or before.looked == second:
        facts = replace(facts, history=before.history, ongoing=before.ongoing, alerts=before.alerts)
        return replace(facts, version=before.version, looked=before.looked)
    acts = _acts(sandbox, _epoch(second), second)
    history = before.history if acts == before.history.acts else replace(before.history, acts=acts)
    return replace(facts, history=history, **_around(sandbox))


def then(sandbox: str, second: int) -> Facts:
    """As it was at a second since 1970, from what was measured then."""
    history = _history(sandbox, second, second)
    at = datetime.fromtimestamp(second, UTC)
    return Facts(at, _measured(history.series), history, alerts=_alerts(sandbox, at), live=False)


def as_json(facts: Facts) -> dict[str, Any]:
    found: dict[str, Any] = _AS_JSON.dump_python(facts, mode="json", exclude=_HOW_IT_WAS_READ)
    return found


def from_json(content: dict[str, Any]) -> Facts:
    return replace(_AS_JSON.validate_python(content), live=False)


def _epoch(second: int) -> int:
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


def _figures(snapshot: Snapshot) -> Figures:
    alive = [worker for worker in snapshot.workers if worker.alive]
    ledger = snapshot.ledger
    return Figures(
        depth=snapshot.depth,
        oldest_at=snapshot.oldest_at,
        in_per_s=snapshot.in_per_s,
        out_per_s=snapshot.out_per_s,
        busy=sum(worker.state == "busy" for worker in alive),
        alive=len(alive),
        scheduled=ledger.scheduled,
        dead=ledger.dead,
        lost=ledger.lost,
        duplicated=ledger.duplicated,
    )


def _measured(series: Sequence[Sample]) -> Figures:
    if not series:
        return Figures()
    last = series[-1]
    came_in, went_out = timeline.rates(series)
    return Figures(
        depth=last.depth,
        oldest_at=None if last.oldest_age_s is None else last.at - timedelta(seconds=last.oldest_age_s),
        in_per_s=came_in,
        out_per_s=went_out,
        busy=last.busy,
        alive=last.alive,
        scheduled=last.scheduled,
        dead=last.dead,
        lost=last.lost,
        duplicated=last.duplicated,
    )


def _crew(snapshot: Snapshot) -> Crew:
    return Crew(snapshot.workers, int(str(snapshot.settings["workers"])), snapshot.caps["workers"], snapshot.supervised)
