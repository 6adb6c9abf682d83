"""What every lab has around its bench: predict, run, observe, explain. Nothing of it is scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lessons import lab_tasks, requests
from lessons.labs import (
    cache,
    crash,
    drill,
    flood,
    narrow,
    outbox,
    pool,
    repeat,
    repeat_play,
    retries,
    scale,
    slots,
    sort,
    wall,
)
from lessons.labs.evidence import Evidence
from lessons.lesson import Choice, LessonLab
from lessons.problems import Invalid
from workers import commitments, events, sandboxes
from workers.errors import NothingToObserve


class Bench(Protocol):
    """A module of this package: what can be run at a lab's place, and what its record says."""

    TEMPLATE: str
    RunForm: type[Any]

    def run(self, sandbox: str, wanted: Any) -> None: ...

    def look(self, sandbox: str | None) -> Any: ...

    def observe(self, sandbox: str, choice: str) -> Evidence | None: ...


class ActingBench(Bench, Protocol):
    """One whose run is led by its reader: she presses buttons while it goes on."""

    ActForm: type[Any]

    def act(self, sandbox: str, wanted: Any) -> None: ...


BENCHES: Mapping[str, Any] = {
    "slots": slots,
    "sort": sort,
    "scale": scale,
    "crash": crash,
    "repeat": repeat,
    "outbox": outbox,
    "pool": pool,
    "cache": cache,
    "drill": drill,
    "flood": flood,
    "narrow": narrow,
    "wall": wall,
    "retries": retries,
}


@dataclass(frozen=True)
class View:
    """A lab as one reader sees it; `bench` is None for a lab whose place is the race page."""

    bench: Any = None
    template: str | None = None
    prediction: Choice | None = None
    observation: Choice | None = None
    found: Evidence | None = None
    begun: bool = False  # there was a run, so what she says now is no prediction any more
    ready: bool = False  # there is a finished run to hold an observation against
    ticks: tuple[bool | None, ...] = ()  # a task is done, or is not, or is not to be seen from outside

    @property
    def tag(self) -> str:
        """Changes whenever a poll has something new to show."""
        said = [choice.id for choice in (self.prediction, self.observation) if choice]
        done = str(self.ticks.count(True))
        return "-".join([self.bench.version if self.bench else "", *said, done])


def view(sandbox: str | None, lab: LessonLab) -> View:
    """A lab as it is now."""
    said = commitments.of_lab(sandbox, lab.id) if sandbox else {}
    prediction = _chosen(lab.content.prediction.options, said.get("prediction"))
    observation = _chosen(lab.content.observation.options, said.get("observation"))
    ticks = lab_tasks.ticks(sandbox, lab.content.tasks)
    bench = BENCHES.get(lab.content.kind)
    if bench is None:
        return View(prediction=prediction, observation=observation, ticks=ticks)
    seen = bench.look(sandbox)
    held = observation or lab.content.observation.options[0]
    found = bench.observe(sandbox, held.id) if sandbox and not seen.running else None
    return View(
        bench=seen,
        template=bench.TEMPLATE,
        prediction=prediction,
        observation=observation,
        found=found if observation else None,
        begun=seen.version != bench.look(None).version,
        ready=found is not None,
        ticks=ticks,
    )


def form(lab: LessonLab) -> type[requests.Form]:
    """What a run of this lab takes. Raises NothingToObserve for a lab whose place is the race page."""
    bench = BENCHES.get(lab.content.kind)
    if bench is None:
        raise NothingToObserve("This lab is run on the race page.")
    wanted: type[requests.Form] = bench.RunForm
    return wanted


def act_form(lab: LessonLab) -> type[requests.Form]:
    """What can be pressed during a run. Raises NothingToObserve for a lab that is only watched."""
    wanted: type[requests.Form] | None = getattr(BENCHES.get(lab.content.kind), "ActForm", None)
    if wanted is None:
        raise NothingToObserve("Nothing can be pressed during a run of this lab.")
    return wanted


def run(sandbox: str, lab: LessonLab, wanted: requests.Form) -> None:
    """Begin a run; only when it has begun, what was said of the last one is forgotten."""
    repeat_play.leave(sandbox)
    BENCHES[lab.content.kind].run(sandbox, wanted)
    events.append(sandbox, events.LabStarted(lab=lab.id, choices=wanted.model_dump()))
    commitments.forget(sandbox, lab.id, "observation")


def leave(sandbox: str) -> None:
    """The reader goes on to a race: at the story's speed, and nobody stands anywhere."""
    sandboxes.leave_lab(sandbox)
    repeat_play.leave(sandbox)


def act(sandbox: str, lab: LessonLab, wanted: requests.Form) -> None:
    """Press a button of the run that goes on."""
    BENCHES[lab.content.kind].act(sandbox, wanted)


def predict(sandbox: str, lab: LessonLab, choice: str) -> None:
    """Commit to a prediction. Raises Invalid when it is none of the lab's."""
    _check(lab.content.prediction.options, choice)
    commitments.commit(sandbox, lab.id, "prediction", choice)


def observe(sandbox: str, lab: LessonLab, choice: str) -> Evidence:
    """Say what was to be seen, held against the record. Raises Invalid, and NothingToObserve before there is a run."""
    _check(lab.content.observation.options, choice)
    bench = BENCHES.get(lab.content.kind)
    found: Evidence | None = bench.observe(sandbox, choice) if bench else None
    if found is None:
        raise NothingToObserve("There is no finished run to hold this against. Run the lab, then say what you saw.")
    commitments.commit(sandbox, lab.id, "observation", choice)
    return found


def _check(options: tuple[Choice, ...], choice: str) -> None:
    if _chosen(options, choice) is None:
        known = {"enum": [option.id for option in options]}
        raise Invalid([{"field": "choice", "problem": "this lab has no such choice", "allowed": known}])


def _chosen(options: tuple[Choice, ...], choice: str | None) -> Choice | None:
    return next((option for option in options if option.id == choice), None)
