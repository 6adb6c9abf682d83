"""How a run goes: the scene, the acts one after the other, and the measures at its end."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Any, Literal

from workers import fleet, sandboxes
from workers.database import utc_now
from workers.errors import TicketwheelError
from workers.event_types import Event
from workers.experiments import acts, measures
from workers.experiments.course import Point, course
from workers.experiments.evidence import Evidence
from workers.experiments.scenario import Scenario
from workers.experiments.stage import CannotTell, Stage

LASTS_AT_MOST_S, WORKERS_WITHIN_S = 300.0, 20.0
Outcome = Literal["shown", "not_shown", "cannot_tell"]


@dataclass(frozen=True)
class Finished:
    """What came of a run; `reason` says why it cannot be told."""

    outcome: Outcome
    figures: dict[str, float | None]
    record: tuple[Event, ...]
    reason: str = ""
    course: tuple[Point, ...] = ()


def run(sandbox: str, token: str, scenario: Scenario, changes: dict[str, Any], seed: int) -> Finished:
    """Run a scenario in a sandbox that nothing else uses, with some of its settings changed."""
    stage = Stage(sandbox, token, scenario.speed, time.monotonic() + LASTS_AT_MOST_S, random.Random(seed))
    reason = ""
    try:
        _set_the_scene(stage, {**scenario.settings, "speed": scenario.speed, **changes})
        for act in scenario.acts:
            acts.do(stage, act)
        stage.await_customers()
    except TicketwheelError as error:
        reason = str(error)
    return _finished(stage.look(), scenario, reason)


def cut_off() -> Finished:
    """What can be said of a run whose process has died."""
    return Finished("cannot_tell", {}, (), "The process that ran it has ended. Run it again.")


def failed() -> Finished:
    """What can be said of a run that met an error which nobody had thought of."""
    return Finished("cannot_tell", {}, (), "Something went wrong that was no part of it. The server's log says what.")


def _set_the_scene(stage: Stage, settings: dict[str, Any]) -> None:
    """Settings first, then as many workers as they say; what is measured begins after that."""
    sandboxes.change(stage.sandbox, settings, by="experiment")
    wished = int(sandboxes.settings_of(stage.sandbox)["workers"])
    if not stage.wait_for(lambda: len(fleet.living(stage.sandbox)) == wished, WORKERS_WITHIN_S):
        raise CannotTell(f"There were not {wished} workers within {WORKERS_WITHIN_S:g} s.")
    stage.began = utc_now()


def _finished(seen: Evidence, scenario: Scenario, reason: str) -> Finished:
    figures = {name: measures.measure(seen, name) for name in scenario.named}
    holds = None if reason else scenario.claim.holds(lambda name: figures[name])
    untold = ", ".join(name for name, value in figures.items() if value is None)
    outcome: Outcome = "cannot_tell" if holds is None else "shown" if holds else "not_shown"
    if holds is None and not reason:
        reason = f"There was nothing from which to tell {untold}."
    return Finished(outcome, figures, seen.record, reason, tuple(course(seen.record, seen.since)))
