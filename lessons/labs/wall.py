"""The third lab of lesson 7: the busier the workers, the longer everybody waits, long before they are full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from lessons import access, axis, requests
from lessons.axis import Axis
from lessons.labs import waiting_theory
from lessons.labs.evidence import Evidence
from lessons.labs.record import Begun, runs_of
from lessons.labs.ticket_benches import TicketBench, check_idle, set_the_scene
from lessons.labs.waiting_theory import UTILISATIONS, Band
from workers import events, floods, ticket_figures
from workers.database import utc_now
from workers.events import Event
from workers.ticket_figures import Figures

TEMPLATE = "labs/_wall.html"
LAB = "backpressure-wall"
WORKERS = (1, 2, 4)
SECONDS, SERVICE_S, SMALL = 30, 0.1, 10
AT_MOST, SHOWN = timedelta(seconds=120), 24
LEFT, SPAN = 0.45, 0.55  # the horizontal axis: from 0.45 to 1


def _so_many(workers: int) -> int:
    if workers not in WORKERS:
        raise ValueError("not one of the choices")
    return workers


def _so_busy(utilisation: float) -> float:
    if utilisation not in UTILISATIONS:
        raise ValueError("not one of the choices")
    return utilisation


class RunForm(requests.Form):
    """How many workers there are, and which part of their time the work that comes would take."""

    workers: Annotated[int, AfterValidator(_so_many), Field(json_schema_extra={"enum": [*WORKERS]})] = 1
    utilisation: Annotated[float, AfterValidator(_so_busy), Field(json_schema_extra={"enum": [*UTILISATIONS]})] = 0.5


@dataclass(frozen=True)
class Run:
    """Half a minute of tickets; times in seconds."""

    number: int
    workers: int
    utilisation: float
    over: bool
    gave_up: bool
    figures: Figures

    @property
    def tickets(self) -> int:
        return self.figures.tickets

    @property
    def mean_s(self) -> float | None:
        """Until a ticket was done, on the average."""
        if self.figures.mean_wait_s is None or self.figures.worked_s is None:
            return None
        return self.figures.mean_wait_s + self.figures.worked_s

    @property
    def band(self) -> Band:
        return waiting_theory.band(self.workers, self.utilisation, SECONDS / SERVICE_S)

    @property
    def theory_s(self) -> float:
        return waiting_theory.mean_time(self.workers, self.utilisation) * SERVICE_S

    @property
    def inside(self) -> bool:
        """The dot lies in the band."""
        return self.mean_s is not None and self.band.low <= self.mean_s / SERVICE_S <= self.band.high


def _x(utilisation: float) -> float:
    """In per cent of the picture's width."""
    return round(100 * (utilisation - LEFT) / SPAN, 2)


@dataclass(frozen=True)
class Dot:
    """A run in the picture, in per cent of its box; y from above."""

    x: float
    y: float


@dataclass(frozen=True)
class Picture:
    """The curve of so many workers with its band, and the dots of the runs that had as many."""

    workers: int
    runs: tuple[Run, ...]

    @cached_property
    def bands(self) -> tuple[tuple[float, Band], ...]:
        return tuple((each, waiting_theory.band(self.workers, each, SECONDS / SERVICE_S)) for each in UTILISATIONS)

    @cached_property
    def height(self) -> Axis:
        """In seconds."""
        dots = [run.mean_s for run in self.runs if run.mean_s]
        theory = waiting_theory.mean_time(self.workers, UTILISATIONS[-1]) * SERVICE_S
        return axis.fit(0, max([theory, self.bands[-1][1].high * SERVICE_S, *dots]))

    @property
    def curve(self) -> str:
        points = [LEFT + 0.05 + step * 0.01 for step in range(46)]
        return self._path([(each, waiting_theory.mean_time(self.workers, each)) for each in points])

    @property
    def area(self) -> str:
        """The band, there and back."""
        up = [(each, band.high) for each, band in self.bands]
        down = [(each, band.low) for each, band in reversed(self.bands)]
        return f"{self._path(up + down)}Z"

    @property
    def dots(self) -> tuple[Dot, ...]:
        return tuple(Dot(_x(run.utilisation), self._y(run.mean_s)) for run in self.runs if run.mean_s)

    @property
    def marks(self) -> tuple[tuple[float, str, str], ...]:
        """Where each is, its text, and which end of that stands there: the last two are near one another."""
        anchors = {UTILISATIONS[-2]: "end", UTILISATIONS[-1]: "start"}
        return tuple((_x(each), f"{each:g}", anchors.get(each, "middle")) for each in UTILISATIONS)

    def _path(self, points: list[tuple[float, float]]) -> str:
        return "M" + "L".join(f"{_x(x):g} {self._y(value * SERVICE_S):g}" for x, value in points)

    def _y(self, seconds: float) -> float:
        return round(100 - self.height.share(seconds), 2)


@dataclass(frozen=True)
class Bench(TicketBench[Run]):
    """The last runs, what can be chosen, and the picture of as many workers as the newest run had."""

    choices = WORKERS
    utilisations = UTILISATIONS
    seconds = SECONDS
    simulated = waiting_theory.RUNS

    @property
    def finished(self) -> tuple[Run, ...]:
        return tuple(run for run in self.runs if run.over and not run.gave_up and run.mean_s)

    @cached_property
    def picture(self) -> Picture:
        workers = self.newest.workers if self.newest else WORKERS[0]
        return Picture(workers, tuple(run for run in self.finished if run.workers == workers))


def run(sandbox: str, wanted: RunForm) -> None:
    """Let tickets of random lengths come at random. Raises OverLimit while a run goes on or tickets are left."""
    check_idle(sandbox, look(sandbox))
    set_the_scene(sandbox, wanted.workers)
    per_second = round(wanted.utilisation * wanted.workers / SERVICE_S * SMALL)
    manner = floods.Manner(small=SMALL, at_random=True, mean_work_ms=SERVICE_S * 1000)
    floods.start(sandbox, per_second, SECONDS, access.token_for(sandbox), kind="analytics", manner=manner)


def look(sandbox: str | None) -> Bench:
    """The bench as it is now; without a sandbox nothing was run."""
    record = events.of_types(sandbox, ["LabStarted", "FloodStarted", "FloodEnded"]) if sandbox else []
    begun = runs_of(LAB, record, SHOWN)
    if sandbox is None or not begun:
        return Bench()
    now = utc_now()
    runs = tuple(_read(sandbox, each, record, now) for each in begun)
    moved = "" if runs[-1].over else f"-{runs[-1].tickets}"
    return Bench(runs, f"{runs[-1].number}-{runs[-1].over:d}{moved}")


def _read(sandbox: str, begun: Begun, record: Sequence[Event], now: datetime) -> Run:
    figures = ticket_figures.of_time(sandbox, begun.began, begun.until or now).get("analytics", Figures())
    done, late = begun.flood_ended(record) and figures.drained, now > begun.began + AT_MOST
    chosen = int(begun.start.choices["workers"]), float(begun.start.choices["utilisation"])
    return Run(begun.start.sequence, *chosen, done or late or begun.until is not None, not done, figures)


def observe(sandbox: str, choice: str) -> Evidence | None:
    """The busiest run beside the least busy one of as many workers; None before there are two such runs."""
    finished = look(sandbox).finished
    pairs = [
        (min(alike, key=lambda each: each.utilisation), max(alike, key=lambda each: each.utilisation))
        for workers in WORKERS
        if (alike := [each for each in finished if each.workers == workers])
    ]
    calm, full = max(pairs, key=lambda pair: pair[1].utilisation - pair[0].utilisation, default=(None, None))
    if calm is None or full is None or calm.utilisation == full.utilisation or not calm.mean_s or not full.mean_s:
        return None
    ratio = full.mean_s / calm.mean_s
    holds = "same" if ratio < 1.3 else "twice" if ratio < 2 else "more"
    return Evidence(
        choice == holds,
        f"At {calm.utilisation:g} a ticket was done after {calm.mean_s:.2f}\u00a0s on the average, at "
        f"{full.utilisation:g} after {full.mean_s:.2f}\u00a0s: {ratio:.1f} times as long.",
    )


def as_json(each: Run) -> dict[str, Any]:
    """What was chosen and measured, and what theory and its band say; times in seconds."""
    band = {"low_s": each.band.low * SERVICE_S, "high_s": each.band.high * SERVICE_S}
    chosen = {"workers": each.workers, "utilisation": each.utilisation, "over": each.over}
    return {**chosen, "tickets": each.tickets, "mean_s": each.mean_s, "theory_s": each.theory_s, "band": band}
