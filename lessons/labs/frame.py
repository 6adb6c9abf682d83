"""What every lab has around its bench: predict, run, observe, explain. Nothing of it is scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lessons import requests
from lessons.labs import scale, slots, sort
from lessons.labs.evidence import Evidence
from lessons.lesson import Choice, Lesson
from lessons.problems import Invalid
from workers import commitments
from workers.errors import NothingToObserve


class Bench(Protocol):
    """A module of this package: what can be run at a lab's place, and what its record says."""

    TEMPLATE: str
    RunForm: type[Any]

    def run(self, sandbox: str, wanted: Any) -> None: ...

    def look(self, sandbox: str | None) -> Any: ...

    def observe(self, sandbox: str, choice: str) -> Evidence | None: ...


BENCHES: Mapping[str, Any] = {"slots": slots, "sort": sort, "scale": scale}


@dataclass(frozen=True)
class View:
    """A lab as one reader sees it; `bench` is None for a lab whose place is the race page."""

    bench: Any = None
    template: str | None = None
    prediction: Choice | None = None
    observation: Choice | None = None
    found: Evidence | None = None

    @property
    def tag(self) -> str:
        """Changes whenever a poll has something new to show."""
        said = [choice.id for choice in (self.prediction, self.observation) if choice]
        return "-".join([self.bench.version if self.bench else "", *said])


def view(sandbox: str | None, lesson: Lesson) -> View:
    """The lab of a lesson as it is now."""
    said = commitments.of_lab(sandbox, lesson.slug) if sandbox else {}
    bench = BENCHES.get(lesson.lab.kind)
    observation = said.get("observation")
    return View(
        bench.look(sandbox) if bench else None,
        bench.TEMPLATE if bench else None,
        _chosen(lesson.lab.prediction.options, said.get("prediction")),
        _chosen(lesson.lab.observation.options, observation),
        bench.observe(sandbox, observation) if bench and sandbox and observation else None,
    )


def run(sandbox: str, lesson: Lesson) -> None:
    """Begin a run with the request's fields; what was said of the last one does not count for it."""
    bench = BENCHES.get(lesson.lab.kind)
    if bench is None:
        raise NothingToObserve("This lab is run on the race page.")
    wanted = requests.read(bench.RunForm)
    commitments.forget(sandbox, lesson.slug, "observation")
    bench.run(sandbox, wanted)


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
