"""The report of a reader's progress: what was read, answered, predicted and run, and how sure she was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lessons import calibration, reading
from lessons.calibration import Calibration
from lessons.course import Course
from lessons.lesson import Asked, Lesson, LessonLab
from lessons.progress import Tally
from lessons.quiz import Question
from workers import answers, commitments, kept
from workers.answers import Answer

RACE = {"1": "about 1 s", "6": "about 6 s", "13": "about 13 s", "less": "less", "same": "the same", "more": "more"}


@dataclass(frozen=True)
class Tried:
    """One question with the reader's last attempt; `correct` is None while she has made none."""

    question: Question
    correct: bool | None
    attempts: int


@dataclass(frozen=True)
class Stop:
    """One lesson of the course, as far as the reader has come in it."""

    lesson: Lesson
    read_at: datetime | None
    tried: tuple[Tried, ...]


@dataclass(frozen=True)
class Said:
    """What she said before and after a lab; `place` is None for the race on the first page."""

    lab: str
    place: LessonLab | None
    prediction: str | None
    observation: str | None


@dataclass(frozen=True)
class Report:
    """All of a reader's progress; everything in it is computed from what is kept, now."""

    stops: tuple[Stop, ...]
    practice: Tally
    said: tuple[Said, ...]
    calibration: Calibration
    following: Lesson | None
    orders_placed: int
    workers_killed: int

    @property
    def read(self) -> int:
        return sum(stop.read_at is not None for stop in self.stops)

    @property
    def checks(self) -> Tally:
        """All quick checks of all lessons."""
        tried = [each for stop in self.stops for each in stop.tried]
        answered = [each for each in tried if each.attempts]
        return Tally(len(answered), sum(bool(each.correct) for each in answered), len(tried))

    @property
    def empty(self) -> bool:
        """True when there is nothing to show."""
        return not (self.read or self.checks.answered or self.practice.answered or self.said or self.orders_placed)


def of_reader(sandbox: str | None, course: Course) -> Report:
    """Everything that the page of a reader's progress shows; of somebody without a sandbox there is nothing."""
    given = answers.of_sandbox(sandbox) if sandbox else []
    read = reading.of_reader(sandbox)
    # The benches keep their runs there as well, under names that no lab has.
    said = commitments.of_sandbox(sandbox or "").items()
    shown = tuple(_said(course, lab, choices) for lab, choices in said if lab == "race" or course.lab(lab))
    happened = kept.happened(sandbox or "", "OrderPlaced", "WorkerCrashed")
    return Report(
        stops=tuple(Stop(lesson, read.get(lesson.slug), _tried(lesson, given)) for lesson in course.lessons),
        practice=_practised(given),
        said=shown,
        calibration=calibration.of_answers(given),
        following=reading.next_unread(course, read),
        orders_placed=happened["OrderPlaced"],
        workers_killed=happened["WorkerCrashed"],
    )


def _tried(lesson: Lesson, given: Sequence[Answer]) -> tuple[Tried, ...]:
    mine = [answer for answer in given if answer.lesson == lesson.slug]
    last = {answer.question: answer.correct for answer in mine}
    attempts = Counter(answer.question for answer in mine)
    return tuple(Tried(each, last.get(each.id), attempts[each.id]) for each in lesson.questions)


def _practised(given: Sequence[Answer]) -> Tally:
    """The scenarios of the practice that were answered, each with its last answer."""
    last = {answer.question: answer.correct for answer in given if answer.lesson == "practice"}
    return Tally(len(last), sum(last.values()), len(last))


def _said(course: Course, lab: str, choices: Mapping[str, str]) -> Said:
    place = course.lab(lab)
    asked = (place.content.prediction, place.content.observation) if place else (None, None)
    told = [_words(each, choices.get(kind)) for each, kind in zip(asked, ("prediction", "observation"), strict=True)]
    return Said(place.content.title if place else "The race", place, *told)


def _words(asked: Asked | None, choice: str | None) -> str | None:
    """What the reader saw where she chose; the bare choice if the lab asks something else by now."""
    if choice is None or asked is None:
        return RACE.get(choice, choice) if choice else None
    return next((option.text for option in asked.options if option.id == choice), choice)
