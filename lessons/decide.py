"""The decision helper: three answers about the reader's own operation, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lessons import reference
from lessons.problems import Invalid
from lessons.toml_files import Schema, Text

LONGEST_NAME = 80
ANSWERS = ("yes", "no")


class Question(Schema):
    id: Text
    text: Text
    hint: Text


class Verdict(Schema):
    """What to do, for the answers of `when`; `reasons` speak of each answer that can lead to it."""

    id: Text
    title: Text
    when: Mapping[str, str]
    words: Text
    lessons: reference.Slugs
    next: tuple[Text, ...]
    reasons: Mapping[str, Mapping[str, Text]]


class Helper(Schema):
    questions: tuple[Question, ...]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class Reason:
    question: Question
    answer: str
    text: str


@dataclass(frozen=True)
class Operation:
    """What a reader told so far of her operation."""

    name: str
    answers: Mapping[str, str]

    @property
    def missing(self) -> tuple[Question, ...]:
        return tuple(question for question in helper().questions if question.id not in self.answers)

    @property
    def verdict(self) -> Verdict | None:
        """None while a question is open."""
        if self.missing:
            return None
        return next(v for v in helper().verdicts if all(self.answers[each] == v.when[each] for each in v.when))

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """One reason an answer, in the order of the questions."""
        verdict = self.verdict
        if verdict is None:
            return ()
        given = [(question, self.answers[question.id]) for question in helper().questions]
        return tuple(Reason(question, answer, verdict.reasons[question.id][answer]) for question, answer in given)


@cache
def helper() -> Helper:
    return reference.load("decide", Helper)


def operation(fields: Mapping[str, str]) -> Operation:
    """Read the fields of an address. Raises Invalid, for every field that is wrong."""
    name = " ".join(fields.get("name", "").split())
    answers = {question.id: fields[question.id] for question in helper().questions if fields.get(question.id)}
    faults: list[dict[str, Any]] = [
        {"field": field, "problem": "is neither yes nor no", "allowed": {"enum": list(ANSWERS)}}
        for field, answer in answers.items()
        if answer not in ANSWERS
    ]
    if len(name) > LONGEST_NAME:
        problem = f"has {len(name)} characters"
        faults.insert(0, {"field": "name", "problem": problem, "allowed": {"maxLength": LONGEST_NAME}})
    if faults:
        raise Invalid(faults)
    # Without the marks that turn the direction of the text after them.
    return Operation("".join(character for character in name if character.isprintable()), answers)
