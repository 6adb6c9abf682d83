"""What readers say of a lesson: whether it helped, and a remark for whoever writes it; the last word is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, delete, func, select, update

from workers.database import begin, insert_once, read, utc_now
from workers.tables import remarks


@dataclass(frozen=True)
class Remark:
    """One reader's last word on one lesson."""

    lesson: str
    helpful: bool
    remark: str | None
    at: datetime


@dataclass(frozen=True)
class Tally:
    """How many readers a lesson helped, and how many it did not."""

    helped: int
    of: int


def keep(sandbox: str, lesson: str, helpful: bool, remark: str | None) -> Remark:
    """Write down a reader's word, in the place of her last one."""
    word = Remark(lesson, helpful, remark, utc_now())
    said = {"helpful": word.helpful, "remark": word.remark, "at": word.at}
    with begin() as db:
        if not insert_once(db, remarks, sandbox=sandbox, lesson=lesson, **said):
            db.execute(update(remarks).where(*_mine(sandbox, lesson)).values(said))
    return word


def take_back(sandbox: str, lesson: str) -> None:
    with begin() as db:
        db.execute(delete(remarks).where(*_mine(sandbox, lesson)))


def of_reader(sandbox: str, lesson: str) -> Remark | None:
    with read() as db:
        row = db.execute(select(remarks).where(*_mine(sandbox, lesson))).one_or_none()
    return _remark(row) if row else None


def tallies() -> dict[str, Tally]:
    """Of each lesson that anybody said something of."""
    helped = func.sum(case((remarks.c.helpful, 1), else_=0))
    with read() as db:
        rows = db.execute(select(remarks.c.lesson, helped, func.count()).group_by(remarks.c.lesson)).all()
    return {lesson: Tally(int(yes), int(of)) for lesson, yes, of in rows}


def newest(most: int) -> list[Remark]:
    """The newest that have a text, for the operator."""
    with_text = select(remarks).where(remarks.c.remark.is_not(None))
    with read() as db:
        return [_remark(row) for row in db.execute(with_text.order_by(remarks.c.at.desc()).limit(most))]


def _mine(sandbox: str, lesson: str) -> tuple[Any, Any]:
    return remarks.c.sandbox == sandbox, remarks.c.lesson == lesson


def _remark(row: Row[Any]) -> Remark:
    return Remark(row.lesson, row.helpful, row.remark, row.at)
