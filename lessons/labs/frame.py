"""What every lab has around its bench: predict, run, observe, explain. Nothing of it is scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lessons import lab_tasks, requests
from lessons.labs import drill, scale, slots, sort
from lessons.labs.evidence import Evidence
from lessons.lesson import Choice, Lesson
from lessons.problems import Invalid
from workers import commitments, events
from workers.errors import NothingToObserve


class Bench(Protocol):
    """A module of this package: what can be run at a lab's place, and what its record says."""

    TEMPLATE: str
    RunForm: type[Any]

    def run(self, sandbox: str, wanted: Any) -> None: ...

    def look(self, sandbox: str | None) -> Any: ...

    def observe(self, sandbox: str, choice: str) -> Evidence | None: ...


BENCHES: Mapping[str, Any] = {"slots": slots, "sort": sort, "scale": scale, "drill": drill}


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


def view(sandbox: str | None, lesson: Lesson) -> View:
    """The lab of a lesson as it is now."""
    said = commitments.of_lab(sandbox, lesson.slug) if sandbox else {}
    prediction = _chosen(lesson.lab.prediction.options, said.get("prediction"))
    observation = _chosen(lesson.lab.observation.options, said.get("observation"))
    ticks = lab_tasks.ticks(sandbox, lesson.lab.tasks)
    bench = BENCHES.get(lesson.lab.kind)
    if bench is None:
        return View(prediction=prediction, observation=observation, ticks=ticks)
    seen = bench.look(sandbox)
    held = observation or lesson.lab.observation.options[0]
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


def form(lesson: Lesson) -> type[requests.Form]:
    """What a run of this lab takes. Raises NothingToObserve for a lab whose place is the race page."""
    bench = BENCHES.get(lesson.lab.kind)
    if bench is None:
        raise NothingToObserve("This lab is run on the race page.")
    wanted: type[requests.Form] = bench.RunForm
    return wanted


def run(sandbox: str, lesson: Lesson, wanted: requests.Form) -> None:
    """Begin a run; only when it has begun, what was said of the last one is forgotten."""
    BENCHES[lesson.lab.kind].run(sandbox, wanted)
    events.append(sandbox, events.LabStarted(lab=lesson.slug, choices=wanted.model_dump()))
    commitments.forget(sandbox, lesson.slug, "observation")


def predict(sandbox: str, lesson: Lesson, choice: str) -> None:
    """Commit to a prediction. Raises Invalid when it is none of the lab's."""
    _check(lesson.lab.prediction.options, choice)
    commitments.commit(sandbox, lesson.slug, "prediction", choice)


def observe(sandbox: str, lesson: Lesson, choice: str) -> Evidence:
    """Say what was to be seen, held against the record. Raises Invalid, and NothingToObserve before there is a run."""
    _check(lesson.lab.observation.options, choice)
    bench = BENCHES.get(lesson.lab.kind)
    found: Evidence | None = bench.observe(sandbox, choice) if bench else None
    if found is None:
        raise NothingToObserve("There is no finished run to hold this against. Run the lab, then say what you saw.")
    commitments.commit(sandbox, lesson.slug, "observation", choice)
    return found


def _check(options: tuple[Choice, ...], choice: str) -> None:
    if _chosen(options, choice) is None:
        known = {"enum": [option.id for option in options]}
        raise Invalid([{"field": "choice", "problem": "this lab has no such choice", "allowed": known}])


def _chosen(options: tuple[Choice, ...], choice: str | None) -> Choice | None:
    return next((option for option in options if option.id == choice), None)
