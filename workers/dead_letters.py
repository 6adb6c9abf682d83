"""Dead letters: messages that failed too often, grouped by their error, until somebody replays or deletes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from workers.chosen import Chosen
from workers.database import read, utc_now
from workers.errors import UnknownLetter
from workers.messages import order_of
from workers.tables import dead_letters as letters
from workers.tables import outbox

PER_PAGE = 50
_SHOWN = (
    letters.c.message,
    letters.c.order,
    letters.c.step,
    letters.c.error_group,
    letters.c.error,
    letters.c.attempts,
    letters.c.first_failed_at,
    letters.c.dead_at,
)


@dataclass(frozen=True)
class Letter:
    """One message that was put aside; `attempts` are the tries since it was enqueued or replayed."""

    message: str
    order: int
    step: str | None
    group: str
    error: str
    attempts: int
    first_failed_at: datetime
    dead_at: datetime


@dataclass(frozen=True)
class OpenLetter(Letter):
    """The same with what is kept inside."""

    traceback: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class Group:
    """Letters with the same kind of error; `sample` is the newest of them."""

    name: str
    count: int
    first_seen: datetime
    last_seen: datetime
    sample: Letter


@dataclass(frozen=True)
class LetterPage:
    """A page of letters, the newest first; pages are counted from 1, and there is always one."""

    letters: tuple[Letter, ...]
    total: int
    page: int
    pages: int


def count(sandbox: str, chosen: Chosen | None = None) -> int:
    """How many letters there are, or how many are chosen."""
    chosen = chosen or Chosen(all=True)
    with read() as db:
        return int(db.execute(select(func.count()).where(*chosen.conditions(sandbox))).scalar_one())


def oldest_age_s(sandbox: str) -> float | None:
    """For how long the oldest letter has been lying there; None if there is none."""
    oldest = select(func.min(letters.c.dead_at)).where(*Chosen(all=True).conditions(sandbox))
    with read() as db:
        at = db.execute(oldest).scalar_one()
    return round((utc_now() - at).total_seconds(), 1) if at else None


def newest(sandbox: str) -> tuple[int, datetime | None]:
    """How many letters there are, and when the last was put aside: whether a list that somebody has is still true."""
    counted = select(func.count(), func.max(letters.c.dead_at)).where(*Chosen(all=True).conditions(sandbox))
    with read() as db:
        many, last = db.execute(counted).one()
    return many, last


def groups(sandbox: str, search: str = "") -> tuple[Group, ...]:
    """The kinds of error among the letters that a search finds, the most frequent first."""
    found = Chosen(all=True, search=search).conditions(sandbox)
    times = (func.min(letters.c.dead_at).label("first"), func.max(letters.c.dead_at).label("last"))
    counted = select(letters.c.error_group, func.count().label("many"), *times)
    with read() as db:
        rows = db.execute(counted.where(*found).group_by(letters.c.error_group)).all()
        samples = [db.execute(_newest(*found, letters.c.error_group == row.error_group).limit(1)).one() for row in rows]
    made = [
        Group(row.error_group, row.many, row.first, row.last, _letter(sample))
        for row, sample in zip(rows, samples, strict=True)
    ]
    return tuple(sorted(made, key=lambda group: (-group.count, group.name)))


def page(sandbox: str, group: str | None = None, search: str = "", page: int = 1) -> LetterPage:
    """One page of the letters of a group, or of all, that a search finds; beyond the last page, the last."""
    chosen = Chosen(all=group is None, group=group, search=search)
    total = count(sandbox, chosen)
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(1, page), pages)
    rows = _newest(*chosen.conditions(sandbox)).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    with read() as db:
        return LetterPage(tuple(_letter(row) for row in db.execute(rows)), total, page, pages)


def find(sandbox: str, message: str) -> OpenLetter:
    """One letter with its traceback and its payload. Raises UnknownLetter."""
    if message != f"{sandbox}-{order_of(message)}":
        raise UnknownLetter("That is no message of this sandbox.")
    opened = select(*_SHOWN, letters.c.traceback, outbox.c.payload).join_from(
        letters, outbox, outbox.c.message == letters.c.message
    )
    with read() as db:
        row: Any = db.execute(opened.where(*Chosen(messages=(message,)).conditions(sandbox))).one_or_none()
    if row is None:
        raise UnknownLetter("There is no such dead letter; it may have been replayed or deleted.")
    return OpenLetter(*row)


def _newest(*conditions: Any) -> Select[Any]:
    return select(*_SHOWN).where(*conditions).order_by(letters.c.dead_at.desc(), letters.c.message)


def _letter(row: Any) -> Letter:
    return Letter(*row)
