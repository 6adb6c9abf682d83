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
from workers import timeline
from workers.ongoing import Ongoing, ongoing
from workers.snapshot import Ledger, Snapshot, WorkerView
from workers.timeline import Act, Sample

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


@dataclass(frozen=True)
class History:
    """The ten minutes up to a moment, and what is drawn of them, once."""

    until: datetime
    series: tuple[Sample, ...] = ()
    acts: tuple[Act, ...] = ()

    @cached_property
    def sparks(self) -> dict[str, Spark]:
        return charts.sparks(self.series, self.until.timestamp())

    @cached_property
    def forecast(self) -> str:
        return timeline.forecast(self.series) if self.series else ""

    def charts(self, live: bool) -> Charts:
        return charts.draw(self.series, self.acts, self.until.timestamp(), live=live)


@dataclass(frozen=True)
class Facts:
    """One sandbox at one moment; of the past, the ledger and the workers are not known."""

    at: datetime
    figures: Figures
    history: History
    ledger: Ledger | None = None
    crew: Crew | None = None
    ongoing: tuple[Ongoing, ...] = ()
    an_order: int | None = None  # the latest whose message was taken: one that can be delivered again
    live: bool = True  # it goes on, and can be acted on
    version: int = 0  # of the record when it was last looked for acts
    looked: int = 0  # the second at which that was


_AS_JSON: TypeAdapter[Facts] = TypeAdapter(Facts)
_HOW_IT_WAS_READ = {"version", "looked"}


def now(sandbox: str, snapshot: Snapshot, before: Facts | None = None) -> Facts:
    """From a snapshot, and from the database what may have changed since it was read before."""
    second = int(snapshot.at.timestamp())
    facts = Facts(snapshot.at, _figures(snapshot), History(snapshot.at), snapshot.ledger, _crew(snapshot))
    facts = replace(facts, an_order=_an_order(snapshot), version=snapshot.version, looked=second)
    if before is None or before.looked // EVERY_S != second // EVERY_S:
        return replace(facts, history=_history(sandbox, snapshot.at), ongoing=ongoing(sandbox))
    if before.version == snapshot.version or before.looked == second:
        facts = replace(facts, history=before.history, ongoing=before.ongoing)
        return replace(facts, version=before.version, looked=before.looked)
    acts = _acts(sandbox, snapshot.at)
    history = before.history if acts == before.history.acts else replace(before.history, acts=acts)
    return replace(facts, history=history, ongoing=ongoing(sandbox))


def then(sandbox: str, second: int) -> Facts:
    """As it was at a second since 1970, from what was measured then."""
    history = _history(sandbox, datetime.fromtimestamp(second, UTC))
    return Facts(history.until, _measured(history.series), history, live=False)


def as_json(facts: Facts) -> dict[str, Any]:
    found: dict[str, Any] = _AS_JSON.dump_python(facts, mode="json", exclude=_HOW_IT_WAS_READ)
    return found


def from_json(content: dict[str, Any]) -> Facts:
    return replace(_AS_JSON.validate_python(content), live=False)


def _history(sandbox: str, until: datetime) -> History:
    return History(until, timeline.series(sandbox, until.timestamp()), _acts(sandbox, until))


def _acts(sandbox: str, until: datetime) -> tuple[Act, ...]:
    return timeline.acts(sandbox, until.timestamp() - timeline.TEN_MINUTES_S, until.timestamp())


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
    return Crew(snapshot.workers, int(str(snapshot.settings["workers"])), snapshot.caps["workers"])
