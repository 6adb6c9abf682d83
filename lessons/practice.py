"""Practice: the scenarios, and a reader's round through them, in which the first answer to each counts."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

from lessons import prose, quiz, toml_files
from lessons.faults import Fault, Faulty
from lessons.lesson import Lesson
from lessons.problems import Invalid
from lessons.quiz import Option, Question, Quiz
from lessons.toml_files import Id, Text, TomlFile
from workers import answers, practice_rounds
from workers.answers import Answer

FILE = Path(__file__).with_name("practice.toml")
PATH = f"lessons/{FILE.name}"
FEWEST, FEWEST_WORDS, MOST_WORDS = 12, 60, 110
NEGATIVE = re.compile(r"\b(not|never|except|wrong|false)\b|n[’']t\b", re.IGNORECASE)
OF_THE_ABOVE = re.compile(r"\b(all|none|both|neither) of (the above|these|them)\b", re.IGNORECASE)
log = logging.getLogger("lessons.practice")


class Scenario(Question):
    """A story that ends in a question; `lesson` is the slug of what to read again."""

    title: Text
    lesson: Id
    story: Text

    def without_key(self) -> dict[str, Any]:
        """What a reader may see before committing."""
        return super().without_key() | {"title": self.title, "prompt": f"{self.story} {self.prompt}"}


class Practice(Quiz):
    questions: tuple[Scenario, ...] = ()


@dataclass(frozen=True)
class Turn:
    """One scenario in a round, with the reader's first answer to it and her last one."""

    scenario: Scenario
    first: Answer | None = None
    last: Answer | None = None

    @property
    def right(self) -> bool:
        return self.first is not None and self.first.correct

    @property
    def missed(self) -> bool:
        return self.first is not None and not self.first.correct

    @property
    def chosen(self) -> Option | None:
        """The option whose feedback may be shown; None while the reader has not committed."""
        return self.scenario.option(self.last.option) if self.last else None


@dataclass(frozen=True)
class LessonTally:
    """How the scenarios of one lesson went."""

    lesson: Lesson
    turns: tuple[Turn, ...]

    @property
    def missed(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.missed]


@dataclass(frozen=True)
class Round:
    """The scenarios that are asked, in order, and what was answered since the round began."""

    scenarios: tuple[Scenario, ...]
    given: Mapping[str, Sequence[Answer]]

    @cached_property
    def turns(self) -> list[Turn]:
        return [self.turn(scenario) for scenario in self.scenarios]

    @property
    def score(self) -> int:
        return sum(turn.right for turn in self.turns)

    @property
    def answered(self) -> int:
        return sum(turn.first is not None for turn in self.turns)

    @property
    def missed(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.missed]

    @property
    def next(self) -> Turn | None:
        """The first that is still to be answered; None when the round is over."""
        return next((turn for turn in self.turns if turn.first is None), None)

    def turn(self, scenario: Scenario) -> Turn:
        """Any scenario, also one that this round does not ask."""
        mine = self.given.get(scenario.id)
        return Turn(scenario, mine[0], mine[-1]) if mine else Turn(scenario)

    def place(self, scenario: Scenario) -> int | None:
        """Its number in this round, counted from 1."""
        return self.scenarios.index(scenario) + 1 if scenario in self.scenarios else None

    def by_lesson(self, lessons: Sequence[Lesson]) -> list[LessonTally]:
        """The turns by what they were about, in the order of the course."""
        found = [LessonTally(lesson, self._about(lesson)) for lesson in lessons]
        return [tally for tally in found if tally.turns]

    def _about(self, lesson: Lesson) -> tuple[Turn, ...]:
        return tuple(turn for turn in self.turns if turn.scenario.lesson == lesson.slug)


@cache
def practice() -> Practice:
    """The scenarios that this process asks; a file that cannot be read is logged, and asks nothing."""
    try:
        return _read(FILE.read_text(encoding="utf-8")).content
    except Faulty as error:
        log.error("%s", error)
        return Practice()


def find(scenario_id: str) -> Scenario | None:
    return next((scenario for scenario in practice().questions if scenario.id == scenario_id), None)


def current_round(sandbox: str | None) -> Round:
    """Where a reader is; who has not begun sees all scenarios unanswered."""
    kept = practice_rounds.latest(sandbox) if sandbox else None
    scenarios = _known(kept.questions) if kept else ()
    if kept is None or not scenarios:
        return Round(practice().questions, {})
    return Round(scenarios, practice_rounds.answers_in(kept))


def begin(sandbox: str, questions: Literal["all", "missed"]) -> Round:
    """A new round. Raises Invalid when nothing was missed in the last one, OverLimit after too many."""
    asked = practice().questions
    if questions == "missed":
        asked = tuple(turn.scenario for turn in current_round(sandbox).missed)
        if not asked:
            raise _invalid("questions", "nothing was missed so far", ["all"])
    practice_rounds.begin_round(sandbox, [scenario.id for scenario in asked])
    return Round(asked, {})


def answer(sandbox: str, question: str, option: str, confidence: str | None) -> tuple[Round, Turn]:
    """Commit to an option; the first answer of all begins a round. Raises Invalid for an unknown name."""
    scenario = find(question)
    if scenario is None:
        raise _invalid("question", "there is no such scenario", [each.id for each in practice().questions])
    chosen = scenario.option(option)
    if chosen is None:
        raise _invalid("option", "this scenario has no such option", [each.id for each in scenario.options])
    practice_rounds.begin_first_round(sandbox, [each.id for each in practice().questions])
    answers.keep(sandbox, practice_rounds.LESSON, scenario.id, chosen.id, confidence, chosen.right)
    now = current_round(sandbox)
    return now, now.turn(scenario)


def faults(lessons: Collection[str]) -> list[Fault]:
    """Everything that is wrong in the practice's file, given the slugs of the lessons; `make lessons` prints it."""
    return faults_in(FILE.read_text(encoding="utf-8"), lessons)


def faults_in(text: str, lessons: Collection[str]) -> list[Fault]:
    """The same for a text, whole or spoilt."""
    try:
        file = _read(text)
    except Faulty as error:
        return list(error.faults)
    found = [*quiz.faults_of(TomlFile[Quiz](file.path, file.content, file.lines)), *_faults_of_scenarios(file, lessons)]
    for place, said in file.texts():
        found += prose.faults_of_text(file.path, file.lines.find(place), toml_files.dotted(place), said)
    over_all = quiz.faults_of_all(("practice", scenario) for scenario in file.content.questions)
    return sorted({*found, *(replace(fault, path=PATH) for fault in over_all)})


def _read(text: str) -> TomlFile[Practice]:
    return toml_files.read(PATH, text, Practice)


def _invalid(field: str, said: str, known: list[str]) -> Invalid:
    return Invalid([{"field": field, "problem": said, "allowed": {"enum": known}}])


def _known(ids: Sequence[str]) -> tuple[Scenario, ...]:
    """The scenarios of a round, as far as they still exist."""
    scenarios = {scenario.id: scenario for scenario in practice().questions}
    return tuple(scenarios[known] for known in ids if known in scenarios)


def _faults_of_scenarios(file: TomlFile[Practice], lessons: Collection[str]) -> Iterator[Fault]:
    scenarios = file.content.questions
    if len(scenarios) < FEWEST:
        yield file.fault((), f"has {len(scenarios)} scenarios", f"The practice has at least {FEWEST}.")
    for number, scenario in enumerate(scenarios):
        place = ("questions", number)
        words = len(f"{scenario.story} {scenario.prompt}".split())
        if not FEWEST_WORDS <= words <= MOST_WORDS:
            remedy = f"Tell it in {FEWEST_WORDS} to {MOST_WORDS}, with its question."
            yield file.fault((*place, "story"), f"has {words} words", remedy)
        if scenario.lesson not in lessons:
            yield file.fault((*place, "lesson"), "names no lesson", f"There are {', '.join(lessons)}.")
        if NEGATIVE.search(scenario.prompt):
            yield file.fault((*place, "prompt"), "asks for what does not hold", "Ask for what does.")
        yield from _faults_of_options(file, scenario, place)


def _faults_of_options(file: TomlFile[Practice], scenario: Scenario, place: tuple[str | int, ...]) -> Iterator[Fault]:
    for number, option in enumerate(scenario.options):
        if OF_THE_ABOVE.search(option.text):
            where = (*place, "options", number, "text")
            yield file.fault(where, "stands for other options", "Say something of its own.")
