"""The rounds of the practice: which questions each asks, and what was answered since it began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from workers.answers import Answer
from workers.database import begin, read, utc_now
from workers.errors import OverLimit
from workers.tables import answers, practice_rounds, sandboxes

LESSON = "practice"  # under which the answers are kept
MOST = 1000  # of one sandbox


@dataclass(frozen=True)
class Round:
    sandbox: str
    questions: tuple[str, ...]
    started_at: datetime


def begin_round(sandbox: str, questions: Sequence[str]) -> Round:
    """From now on these questions are asked, in this order. Raises OverLimit after very many rounds."""
    with begin() as db:
        return _insert(db, sandbox, questions)


def begin_first_round(sandbox: str, questions: Sequence[str]) -> Round:
    """The round that is under way, or else a new one; of two who ask at once, only one begins it."""
    with begin() as db:
        db.execute(select(sandboxes.c.id).where(sandboxes.c.id == sandbox).with_for_update())
        return _latest(db, sandbox) or _insert(db, sandbox, questions)


def latest(sandbox: str) -> Round | None:
    """The round that was begun last."""
    with read() as db:
        return _latest(db, sandbox)


def answers_in(practice_round: Round) -> Mapping[str, Sequence[Answer]]:
    """Every answer since the round began, by question, the first one first."""
    mine = select(answers).where(answers.c.sandbox == practice_round.sandbox, answers.c.lesson == LESSON)
    since = mine.where(answers.c.at >= practice_round.started_at).order_by(answers.c.id)
    found: dict[str, list[Answer]] = {}
    with read() as db:
        for row in db.execute(since).mappings():
            given = Answer(**{field.name: row[field.name] for field in fields(Answer)})
            found.setdefault(given.question, []).append(given)
    return found


def _insert(db: Connection, sandbox: str, questions: Sequence[str]) -> Round:
    mine = select(func.count()).select_from(practice_rounds).where(practice_rounds.c.sandbox == sandbox)
    if db.execute(mine).scalar_one() >= MOST:
        raise OverLimit("rounds of a sandbox", MOST, "go on with the last one", 3600)
    begun = Round(sandbox, tuple(questions), utc_now())
    row = {"sandbox": sandbox, "questions": list(questions), "started_at": begun.started_at}
    db.execute(insert(practice_rounds).values(**row))
    return begun


def _latest(db: Connection, sandbox: str) -> Round | None:
    mine = select(practice_rounds).where(practice_rounds.c.sandbox == sandbox)
    row = db.execute(mine.order_by(practice_rounds.c.id.desc()).limit(1)).first()
    return Round(sandbox, tuple(row.questions), row.started_at) if row else None
