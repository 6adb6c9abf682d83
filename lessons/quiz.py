"""The quick checks of a lesson: a small story, three or four options, and feedback for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import StrictBool

from lessons import runs_of_options
from lessons.faults import Fault
from lessons.toml_files import Id, Schema, Text, TomlFile
from workers.experiments.scenario import Scenario

FEWEST, MOST = 3, 4
LENGTH = "Lengthen a wrong option or shorten the right one, in some of the questions that this names."


class Option(Schema):
    id: Id
    text: Text
    right: StrictBool
    belief: Text
    feedback: Text
    run: Scenario | None = None  # what is run to show its consequence


class Question(Schema):
    id: Id
    prompt: Text
    options: tuple[Option, ...]

    def option(self, option_id: str) -> Option | None:
        return next((option for option in self.options if option.id == option_id), None)

    @property
    def key_is_longest(self) -> bool:
        """True when nobody needs to read: the right option stands out by its length."""
        wrong = [len(option.text) for option in self.options if not option.right]
        return any(len(option.text) > max(wrong, default=0) for option in self.options if option.right)

    def without_key(self) -> dict[str, Any]:
        """What a reader may see before committing."""
        options = [{"id": option.id, "text": option.text} for option in self.options]
        return {"id": self.id, "prompt": self.prompt, "options": options}


class Quiz(Schema):
    questions: tuple[Question, ...] = ()

    def question(self, question_id: str) -> Question | None:
        return next((question for question in self.questions if question.id == question_id), None)


def faults_of(file: TomlFile[Quiz]) -> Iterator[Fault]:
    """What the schema alone cannot see."""
    quiz = file.content
    if not quiz.questions:
        yield file.fault((), "has no question", "Every lesson asks at least one.")
    for number, question in enumerate(quiz.questions):
        place = ("questions", number)
        if question.id in [earlier.id for earlier in quiz.questions[:number]]:
            yield file.fault((*place, "id"), f"names a second question “{question.id}”", "Give each its own id.")
        yield from _faults_of_options(file, question, place)


def faults_of_all(questions: Iterable[tuple[str, Question]]) -> Iterator[Fault]:
    """Over the whole course: the longest option must not be the right one more often than chance."""
    asked = list(questions)
    by_chance = sum(1 / max(len(question.options), 1) for _, question in asked)
    longest = [f"{slug}/{question.id}" for slug, question in asked if question.key_is_longest]
    if len(longest) > by_chance:
        said = f"is the longest one in {len(longest)} of {len(asked)} questions, by chance it would be {by_chance:.0f}"
        yield Fault("lessons", 0, "the right option", f"{said}: {', '.join(longest)}", LENGTH)


def _faults_of_options(file: TomlFile[Quiz], question: Question, place: tuple[str | int, ...]) -> Iterator[Fault]:
    count = len(question.options)
    if not FEWEST <= count <= MOST:
        yield file.fault(place, f"has {count} options", f"Give it {FEWEST} or {MOST}.")
    right = [option.id for option in question.options if option.right]
    if not right:
        yield file.fault(place, "has no right option", "Write `right = true` at the one that holds.")
    if len(right) > 1:
        yield file.fault(place, f"has {len(right)} right options: {', '.join(right)}", "Leave it at one.")
    for number, option in enumerate(question.options):
        yield from runs_of_options.faults_of(file, (*place, "options", number), option.run)
    ids = [option.id for option in question.options]
    for number, option_id in enumerate(ids):
        if option_id in ids[:number]:
            where = (*place, "options", number, "id")
            yield file.fault(where, f"names a second option “{option_id}”", "Give each its own id.")
