"""The lab of lesson 4: one order, and a worker that is killed, is slow, or stands still."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from lessons import requests, slots
from lessons.labs import trial_words, trials
from lessons.labs.evidence import Evidence
from lessons.labs.scene import PLAIN
from lessons.labs.teller import PROCESSES
from lessons.labs.trial_runs import Run
from lessons.labs.trials import Trial
from workers import events, fleet, freezes, holds, judges, limits, placing, sandboxes
from workers.checkout import LATER
from workers.database import utc_now
from workers.errors import OverLimit
from workers.shop.orders import Order
from workers.trades import LABELS

TEMPLATE = "labs/_crash.html"
WORKERS, TIME_OUT_S, STANDS_STILL_S = 2, 2, 6
# At the story's own speed the receipt alone takes longer than the time-out.
SPEED, SLOW_SPEED = 4, 1
FROZEN_AT = "after:email"
PLACES = (*(f"{side}:{step.name}" for step in LATER for side in ("before", "in", "after")), "before_ack")
TAKEN_WITHIN_S = 5.0


def _a_place(place: str) -> str:
    if place not in PLACES:
        raise ValueError("not one of the places")
    return place


class RunForm(requests.Form):
    """What goes wrong with the worker of one order; `place` is where it is killed."""

    acknowledge: Literal["late", "early"] = "late"
    trouble: Literal["none", "kill", "slow", "freeze"] = "kill"
    place: Annotated[str, AfterValidator(_a_place), Field(json_schema_extra={"enum": [*PLACES]})] = "in:pdf"
    fencing: Literal["off", "on"] = "off"


@dataclass(frozen=True)
class Bench:
    """What the lab's template is given: the last runs, the newest first."""

    runs: tuple[Run, ...] = ()
    places: Sequence[str] = PLACES
    speed: int = SPEED
    time_out_s: int = TIME_OUT_S
    stands_still_s: int = STANDS_STILL_S

    @property
    def run(self) -> Run | None:
        return self.runs[0] if self.runs else None

    @property
    def told(self) -> tuple[str, ...]:
        return trial_words.told(self.run) if self.run else ()

    @property
    def running(self) -> bool:
        return self.run is not None and not self.run.over

    @property
    def version(self) -> str:
        """Changes whenever there is something else to be seen; a bar that grows is something else at each look."""
        seen = [f"{run.order}.{run.record[-1].sequence}" for run in self.runs[:1]]
        return "-".join(seen) + (f"-{self.run.now.timestamp():.1f}" if self.run and self.running else "")

    def named(self, trial: Trial) -> str:
        return trial_words.named(trial)

    def place(self, at: str) -> str:
        return trial_words.place(at)

    def speed_of(self, run: Run) -> int:
        return speed_of(run.trial.trouble)


def speed_of(trouble: str) -> int:
    """How many times the story's speed a run has."""
    return SLOW_SPEED if trouble == "slow" else SPEED


def run(sandbox: str, wanted: RunForm) -> None:
    """Set the scene, arm what is to happen, and place the order.

    Raises OverLimit while a run goes on, HouseFull and StepUnavailable; then nothing is armed.
    """
    limits.check_chaos(sandbox)
    if look(sandbox).running:
        raise OverLimit("runs at a time", 1, "wait until nothing more happens to the order of the one that runs")
    _set_the_scene(sandbox, wanted)
    try:
        with slots.place(sandbox, "later"):
            order = placing.place(Order(sandbox, 0, checkout="later")).order.number
    except Exception:
        _disarm(sandbox)
        raise
    trials.keep(sandbox, Trial(order, **wanted.model_dump()))
    if wanted.trouble == "slow":
        _renew_from_now_on(sandbox, order)


def _set_the_scene(sandbox: str, wanted: RunForm) -> None:
    scene: dict[str, Any] = PLAIN | {
        "speed": speed_of(wanted.trouble),
        "workers": WORKERS,
        "visibility_timeout_s": TIME_OUT_S,
    }
    scene |= {"acknowledge": wanted.acknowledge, "lease_renewal": wanted.trouble != "slow", "partner": "up"}
    scene |= {"fencing": wanted.trouble == "freeze" and wanted.fencing == "on"}
    sandboxes.change(sandbox, scene, by="lab")
    _disarm(sandbox)
    if wanted.trouble == "kill":
        fleet.wish_crash(sandbox, "any", wanted.place)
    elif wanted.trouble == "freeze":
        freezes.wish(sandbox, "any", STANDS_STILL_S, FROZEN_AT)


def _disarm(sandbox: str) -> None:
    """Nothing else is to happen in this run."""
    holds.end(sandbox)
    fleet.disarm(sandbox)
    freezes.wish_thaw(sandbox)


def _renew_from_now_on(sandbox: str, order: int) -> None:
    """Only the first delivery is to lose its lease: without renewal each would be followed by another, for ever."""
    end = time.monotonic() + TAKEN_WITHIN_S
    while not any(event.type == "MessageTaken" for event in events.of_orders(sandbox, [order])):
        if time.monotonic() > end:
            break
        time.sleep(0.02)
    sandboxes.change(sandbox, {"lease_renewal": True}, by="lab")


def look(sandbox: str | None) -> Bench:
    """The bench as it is now; without a sandbox nothing was run."""
    kept = trials.kept(sandbox) if sandbox else []
    if sandbox is None or not kept:
        return Bench()
    now, numbers = utc_now(), [trial.order for trial in kept]
    processes = tuple(events.of_types(sandbox, PROCESSES))
    verdicts = dict(zip(numbers, judges.of_orders(sandbox, numbers), strict=True))
    records: dict[int, list[events.Event]] = {number: [] for number in numbers}
    for event in events.of_orders(sandbox, numbers):
        records[event.order or 0].append(event)
    return Bench(tuple(_run(trial, records[trial.order], processes, verdicts[trial.order], now) for trial in kept))


def _run(
    trial: Trial,
    record: list[events.Event],
    processes: tuple[events.Event, ...],
    verdict: judges.Verdict,
    now: datetime,
) -> Run:
    return Run(trial, tuple(record), processes, verdict, now)


def observe(sandbox: str, choice: str) -> Evidence | None:
    """With which step the second worker began, in the newest run that had one; None before there is such a run."""
    runs = (run for run in look(sandbox).runs if run.over and len(run.deliveries) > 1)
    return next((found for run in runs if (found := held_against(run, choice))), None)


def held_against(run: Run, choice: str) -> Evidence | None:
    """The choice beside the record: the "first" of the steps, the "same" as the first worker was at, or the "next"."""
    second = run.steps("StepStarted", run.deliveries[1].attempt)
    if not second:
        return None
    first = [event for event in run.steps("StepStarted", 1) if event.sequence < run.deliveries[1].sequence]
    came = LABELS[first[-1].step or ""] if first else "nothing"
    began = LABELS[second[0].step or ""]
    holds = "first" if second[0].step == LATER[0].name else "same" if began == came else "next"
    return Evidence(
        choice == holds,
        f"With order {run.order}, the first worker had come to “{came}”. "
        f"Delivery {run.deliveries[1].attempt} was taken by {run.deliveries[1].worker}, and began with “{began}”.",
    )
