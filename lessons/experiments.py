"""Experiments as a reader meets them: an option that she has answered for, run in a sandbox of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lessons import access, practice
from lessons.course import course
from lessons.lesson import Lesson
from lessons.problems import Invalid
from lessons.quiz import Option, Question
from workers import answers, practice_rounds, sandboxes
from workers.errors import NotCommitted, UnknownExperiment
from workers.experiments import line
from workers.experiments.line import Asked, Experiment
from workers.experiments.scenario import Scenario

PRACTICE = practice_rounds.LESSON


@dataclass(frozen=True)
class Posed:
    """A question where it is asked; `lesson` is None for a scenario of the practice."""

    question: Question
    lesson: Lesson | None = None

    @property
    def where(self) -> str:
        return self.lesson.slug if self.lesson else PRACTICE

    @property
    def name(self) -> str:
        """What it is called in the line of experiments."""
        return f"{self.where}/{self.question.id}"

    @property
    def title(self) -> str:
        return self.lesson.front.title if self.lesson else str(getattr(self.question, "title", ""))

    @property
    def holds(self) -> Option:
        return next(option for option in self.question.options if option.right)


def posed() -> Iterator[Posed]:
    """Every question of the course, and then those of the practice."""
    for lesson in course().lessons:
        yield from (Posed(question, lesson) for question in lesson.questions)
    yield from (Posed(question) for question in practice.practice().questions)


def find(name: str) -> Posed | None:
    """By its whole name, or by its id alone if no other question has it."""
    found = [each for each in posed() if name in (each.name, each.question.id)]
    whole = [each for each in found if each.name == name]
    return (whole or found)[0] if whole or len(found) == 1 else None


def committed(reader: str | None, question: Posed) -> bool:
    """Whether she has answered it, so that its key may be told."""
    return reader is not None and (question.where, question.question.id) in answers.latest(reader, question.where)


def ask(reader: str, question: str, option: str, changes: dict[str, Any] | None = None) -> str:
    """Stand in line with an option; the run's id. Raises Invalid, NotCommitted, OverLimit and HouseFull."""
    known = find(question)
    if known is None:
        raise _no_such("question", "there is no such question, or several", [each.name for each in posed()])
    chosen = known.question.option(option)
    if chosen is None:
        raise _no_such("option", "this question has no such option", [each.id for each in known.question.options])
    if not committed(reader, known):
        raise NotCommitted("Answer the question first: what its options do is told to those who have committed.")
    if chosen.run is None:
        raise _no_such("option", "nothing is run for it", [each.id for each in known.question.options if each.run])
    return stand_in_line(reader, Asked(known.name, chosen.id, chosen.run, _checked(changes or {}, chosen.run)))


def stand_in_line(reader: str, asked: Asked) -> str:
    """The run gets a sandbox of its own, which sleeps until its turn."""
    stage = sandboxes.create(awake=False)
    try:
        return line.ask(asked, reader, stage, access.token_for(stage))
    except Exception:
        sandboxes.delete(stage)
        raise


def run_of(number: str) -> Experiment:
    """Raises UnknownExperiment."""
    found = line.find(number)
    if found is None:
        raise UnknownExperiment("There is no such run. Answer a question, and run one of its options.")
    return found


def changeable(scenario: Scenario) -> dict[str, list[Any]]:
    """The settings that a curious reader may change, one at a time, and the values that each may have."""
    now = sandboxes.DEFAULTS | scenario.settings | {"speed": scenario.speed}
    return {name: [value for value in values if value != now[name]] for name, values in VALUES.items()}


def said(setting: str | None) -> dict[str, Any]:
    """What a form says with one word: “workers=4”. Raises Invalid."""
    if not setting:
        return {}
    name, _, text = setting.partition("=")
    found = [value for value in VALUES.get(name, ()) if str(value).lower() == text.lower()]
    if not found:
        known = [f"{each}={str(value).lower()}" for each, values in VALUES.items() for value in values]
        raise _no_such("setting", "there is no such change", known)
    return {name: found[0]}


def _checked(changes: dict[str, Any], scenario: Scenario) -> dict[str, Any]:
    """One setting at most, with a value that it may have. Raises Invalid."""
    if len(changes) > 1:
        raise _no_such("changes", "change one setting at a time", [*VALUES])
    for name, value in changes.items():
        if name not in VALUES:
            raise _no_such("changes", f"“{name}” cannot be changed here", [*VALUES])
        allowed = changeable(scenario)[name]
        if value not in allowed:
            raise _no_such("changes", f"{name} cannot become that", allowed)
    return changes


def _no_such(field: str, said: str, known: list[Any]) -> Invalid:
    return Invalid([{"field": field, "problem": said, "allowed": {"enum": known}}])


VALUES: dict[str, tuple[Any, ...]] = {
    "workers": (0, 1, 2, 4, 8, 12),
    "acknowledge": ("late", "early"),
    "visibility_timeout_s": (2, 4, 8, 20),
    "lease_renewal": (True, False),
    "attempts": (1, 3, 5, 10),
    "backoff": ("none", "fixed", "exponential", "exponential_jitter"),
    "idempotency": ("off", "check_then_mark", "claim_first", "claim_with_lease", "receiver"),
    "idempotency_key": ("order", "email_address", "random"),
    "fencing": (True, False),
    "handover": ("outbox", "commit_then_enqueue", "enqueue_then_commit"),
    "partner": ("up", "slow", "flaky", "down"),
    "circuit_breaker": (True, False),
    "request_slots": (1, 2, 4, 8, 64),
    "pool_size": (1, 2, 5, 10, 50),
    "backpressure": ("none", "reject", "prioritise", "shed"),
    "cache": ("none", "expiring", "warm"),
    "speed": (1, 2, 4, 10),
}
