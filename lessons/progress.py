"""What a learner did, as the pages show it: the quick checks and how far one is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lessons import reading
from lessons.course import Course
from lessons.lesson import Lesson
from lessons.problems import Invalid
from lessons.quiz import Option, Question
from workers import answers
from workers.answers import Answer


@dataclass(frozen=True)
class Check:
    """One question as one reader sees it: still to be answered, or with the feedback for her last answer."""

    question: Question
    answer: Answer | None = None
    again: bool = False

    @property
    def chosen(self) -> Option | None:
        """The option whose feedback may be shown; None while the reader has not committed, or tries again."""
        return self.question.option(self.answer.option) if self.answer and not self.again else None


@dataclass(frozen=True)
class Tally:
    """How far a reader is in one lesson."""

    answered: int
    right: int
    of: int
    read: bool = False


def answer(sandbox: str, lesson: Lesson, question_id: str, option_id: str, confidence: str | None) -> Check:
    """Commit to an option. Raises Invalid when the lesson has no such question or option."""
    question = lesson.question(question_id)
    if question is None:
        raise _no_such("question", "this lesson has no such question", [each.id for each in lesson.questions])
    option = question.option(option_id)
    if option is None:
        raise _no_such("option", "this question has no such option", [each.id for each in question.options])
    given = answers.keep(sandbox, lesson.slug, question_id, option_id, confidence, option.right)
    reading.mark(sandbox, lesson)  # a reader's first answer brings her sandbox, when the lesson is open already
    return Check(question, given)


def checks(sandbox: str | None, lesson: Lesson, again: str | None = None) -> Mapping[str, Check]:
    """All questions of a lesson; the one that is tried `again` looks as if it had not been answered."""
    given = answers.latest(sandbox, lesson.slug) if sandbox else {}
    found = [Check(each, given.get((lesson.slug, each.id)), each.id == again) for each in lesson.questions]
    return {check.question.id: check for check in found}


def of_course(sandbox: str | None, course: Course) -> Mapping[str, Tally]:
    """How far a reader is in every lesson."""
    given = answers.latest(sandbox) if sandbox else {}
    read = reading.of_reader(sandbox)
    return {lesson.slug: _tally(lesson, given, lesson.slug in read) for lesson in course.lessons}


def _tally(lesson: Lesson, given: Mapping[tuple[str, str], Answer], read: bool) -> Tally:
    chosen = [Check(question, given.get((lesson.slug, question.id))).chosen for question in lesson.questions]
    mine = [option for option in chosen if option]
    return Tally(len(mine), sum(option.right for option in mine), len(chosen), read)


def _no_such(field: str, said: str, known: list[str]) -> Invalid:
    return Invalid([{"field": field, "problem": said, "allowed": {"enum": known}}])
