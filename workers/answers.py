"""What a learner answered to the quick checks: every attempt is kept, the last one is shown."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import RowMapping, Select, func, insert, select

from workers.database import begin, read, utc_now
from workers.errors import OverLimit
from workers.tables import answers

MOST = 5000  # of one sandbox; the whole course, with every option tried, is about two hundred


@dataclass(frozen=True)
class Answer:
    """One attempt at a question."""

    lesson: str
    question: str
    option: str
    confidence: str | None
    correct: bool
    at: datetime


def keep(sandbox: str, lesson: str, question: str, option: str, confidence: str | None, correct: bool) -> Answer:
    """Write down one attempt. Raises OverLimit when somebody writes a book."""
    answer = Answer(lesson, question, option, confidence, correct, utc_now())
    mine = select(func.count()).select_from(answers).where(answers.c.sandbox == sandbox)
    with begin() as db:
        if db.execute(mine).scalar_one() >= MOST:
            raise OverLimit("answers of a sandbox", MOST, "what is kept stays readable", 3600)
        db.execute(insert(answers).values(sandbox=sandbox, **asdict(answer)))
    return answer


def of_sandbox(sandbox: str) -> list[Answer]:
    """Every attempt at every question, oldest first."""
    with read() as db:
        rows = db.execute(select(answers).where(answers.c.sandbox == sandbox).order_by(answers.c.id)).mappings()
        return [_answer(row) for row in rows]


def latest(sandbox: str, lesson: str | None = None) -> dict[tuple[str, str], Answer]:
    """The last attempt at each question, by lesson and question."""
    with read() as db:
        found = [_answer(row) for row in db.execute(_in_order(sandbox, lesson)).mappings()]
    return {(answer.lesson, answer.question): answer for answer in found}


def _in_order(sandbox: str, lesson: str | None) -> Select[tuple[object, ...]]:
    newest = select(func.max(answers.c.id)).where(answers.c.sandbox == sandbox)
    if lesson:
        newest = newest.where(answers.c.lesson == lesson)
    return select(answers).where(answers.c.id.in_(newest.group_by(answers.c.lesson, answers.c.question)))


def _answer(row: RowMapping) -> Answer:
    return Answer(**{field.name: row[field.name] for field in fields(Answer)})
