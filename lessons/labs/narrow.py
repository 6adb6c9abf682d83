"""The second lab of lesson 7: a queue that grows whatever the number of workers, until somebody looks why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from lessons import access, axis, requests
from lessons.axis import Axis
from lessons.labs.evidence import Evidence
from lessons.labs.record import Begun, runs_of
from lessons.labs.ticket_benches import TicketBench, check_idle, set_the_scene
from workers import commitments, events, floods, ticket_figures
from workers.database import utc_now
from workers.errors import NothingToObserve
from workers.events import Event
from workers.ticket_figures import Figures

TEMPLATE = "labs/_narrow.html"
LAB = "backpressure-narrow"
WORKERS = (1, 2, 5, 10)
MENDS = {"one": "as it is", "parallel": "ten calls at a time", "cached": "answers are remembered"}
PER_SECOND, SECONDS, OWN_MS = 300, 6, 5.0
AT_MOST, SHOWN = timedelta(seconds=60), 6


def _so_many(workers: int) -> int:
    if workers not in WORKERS:
        raise ValueError("not one of the choices")
    return workers


class RunForm(requests.Form):
    """How many workers there are, and how they ask the slow server."""

    workers: Annotated[int, AfterValidator(_so_many), Field(json_schema_extra={"enum": [*WORKERS]})] = 1
    lookup: Literal["one", "parallel", "cached"] = "one"


class ActForm(requests.Form):
    """The button that looks where the time goes."""

    act: Literal["profile"] = "profile"


@dataclass(frozen=True)
class Run:
    """One flood, so many workers, and one way to ask; times in seconds."""

    number: int
    workers: int
    lookup: str
    lasted_s: float
    over: bool
    figures: Figures

    @property
    def name(self) -> str:
        workers = "1 worker" if self.workers == 1 else f"{self.workers} workers"
        return workers if self.lookup == "one" else f"{workers}, {MENDS[self.lookup]}"

    @property
    def a_second(self) -> float:
        """Messages that were done, each second of the run."""
        return self.figures.counted / self.lasted_s if self.lasted_s else 0.0

    @property
    def own_s(self) -> float:
        """What the worker did itself for a ticket."""
        return max(0.0, (self.figures.worked_s or 0.0) - (self.figures.outside_s or 0.0))

    @property
    def outside_share(self) -> float:
        """Of a worker's time with a ticket, in per cent: waiting for the slow server."""
        worked = self.figures.worked_s
        return 100 * (self.figures.outside_s or 0.0) / worked if worked else 0.0


@dataclass(frozen=True)
class Bench(TicketBench[Run]):
    """The last runs, and whether she has looked why."""

    profiled: bool = False
    mends = MENDS
    choices = WORKERS

    @property
    def axis(self) -> Axis:
        return axis.fit(0, max((run.lasted_s for run in self.runs), default=1.0))


def run(sandbox: str, wanted: RunForm) -> None:
    """Let the tickets come. Raises OverLimit while a run goes on or tickets are left."""
    check_idle(sandbox, look(sandbox))
    set_the_scene(sandbox, wanted.workers)
    manner = floods.Manner(small=10, mean_work_ms=OWN_MS, lookup=wanted.lookup)
    floods.start(sandbox, PER_SECOND, SECONDS, access.token_for(sandbox), kind="analytics", manner=manner)


def act(sandbox: str, wanted: ActForm) -> None:
    """Look where the time of a ticket goes. Raises NothingToObserve before there is a run."""
    if not look(sandbox).runs:
        raise NothingToObserve("There is no run yet whose tickets could be looked at.")
    commitments.commit(sandbox, f"{LAB}-looks", "profiled", "yes")


def look(sandbox: str | None) -> Bench:
    """The bench as it is now; without a sandbox nothing was run."""
    record = events.of_types(sandbox, ["LabStarted", "FloodStarted", "FloodEnded"]) if sandbox else []
    begun = runs_of(LAB, record, SHOWN)
    if sandbox is None or not begun:
        return Bench()
    now = utc_now()
    runs = tuple(_read(sandbox, each, record, now) for each in begun)
    profiled = bool(commitments.of_lab(sandbox, f"{LAB}-looks"))
    moved = f"-{runs[-1].figures.counted}-{runs[-1].lasted_s:.0f}" if not runs[-1].over else ""
    return Bench(runs, f"{runs[-1].number}-{runs[-1].over:d}-{profiled:d}{moved}", profiled)


def _read(sandbox: str, begun: Begun, record: Sequence[Event], now: datetime) -> Run:
    until = begun.until or now
    figures = ticket_figures.of_time(sandbox, begun.began, until).get("analytics", Figures())
    over = begun.until is not None or (begun.flood_ended(record) and figures.drained) or now > begun.began + AT_MOST
    last = figures.last_closed_at if over and figures.last_closed_at else until
    lasted_s, chosen = max(0.0, (last - begun.began).total_seconds()), begun.start.choices
    return Run(begun.start.sequence, int(chosen["workers"]), str(chosen["lookup"]), lasted_s, over, figures)


def observe(sandbox: str, choice: str) -> Evidence | None:
    """One worker beside the most, both asking as before; None before there are two such runs."""
    plain = sorted((r for r in look(sandbox).runs if r.over and r.lookup == "one"), key=lambda each: each.workers)
    if not plain or plain[0].workers == plain[-1].workers:
        return None
    few, many = plain[0], plain[-1]
    ratio = many.a_second / few.a_second if few.a_second else 1.0
    holds = "same" if ratio < 1.3 else "twice" if ratio < 3 else "ten"
    return Evidence(
        choice == holds,
        f"{few.name}: {few.a_second:.0f} messages a second, all done after {few.lasted_s:.0f}\u00a0s. "
        f"{many.name}: {many.a_second:.0f} a second, all done after {many.lasted_s:.0f}\u00a0s.",
    )


def as_json(each: Run) -> dict[str, Any]:
    """What was chosen, and what was measured, in seconds."""
    figures = each.figures
    means = {"waited_s": figures.mean_wait_s, "outside_s": figures.outside_s, "own_s": each.own_s}
    counts = {"counted": figures.counted, "a_second": each.a_second, "lasted_s": each.lasted_s}
    return {"workers": each.workers, "lookup": each.lookup, "over": each.over, **counts, **means}
