"""The discussion under each lesson: its posts, under made-up names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, or_, select

from workers.database import begin, read, utc_now
from workers.errors import OverLimit
from workers.tables import post_reports, posts

MOST = 2000  # posts of a lesson


@dataclass(frozen=True)
class Post:
    """One post, and how many readers reported it."""

    id: int
    sandbox: str
    lesson: str
    name: str
    text: str
    at: datetime
    hidden_at: datetime | None = None
    reports: int = 0


def add(sandbox: str, lesson: str, names: Sequence[str], text: str) -> Post:
    """Put up a post under the first name that no other reader has here. Raises OverLimit when there is no room."""
    with begin() as db:
        _make_room(db, lesson)
        post = Post(0, sandbox, lesson, _name(db, sandbox, lesson, names), text, utc_now())
        row = {name: value for name, value in asdict(post).items() if name not in ("id", "reports")}
        new = int(db.execute(insert(posts).values(**row).returning(posts.c.id)).scalar_one())
        # SQLite gives the number of a deleted post again; what was said of that one is not said of this one.
        db.execute(delete(post_reports).where(post_reports.c.post == new))
    return replace(post, id=new)


def of_lesson(lesson: str, reader: str | None, before: int | None, most: int) -> list[Post]:
    """The newest before an id, oldest first; a hidden one is seen by its author alone."""
    wanted = with_reports().where(posts.c.lesson == lesson)
    wanted = wanted.where(or_(posts.c.hidden_at.is_(None), posts.c.sandbox == reader))
    if before is not None:
        wanted = wanted.where(posts.c.id < before)
    return found(wanted.order_by(posts.c.id.desc()).limit(most))[::-1]


def name_of(sandbox: str, lesson: str) -> str | None:
    """The name under which a reader posted here before."""
    with read() as db:
        return _kept_name(db, sandbox, lesson)


def withdraw(sandbox: str, lesson: str, post: int) -> bool:
    """Delete a post of one's own; False when there is none."""
    return delete_where(posts.c.id == post, posts.c.lesson == lesson, posts.c.sandbox == sandbox)


def _make_room(db: Connection, lesson: str) -> None:
    here = posts.c.lesson == lesson
    if int(db.execute(select(func.count()).select_from(posts).where(here)).scalar_one()) < MOST:
        return
    oldest_hidden = select(func.min(posts.c.id)).where(here, posts.c.hidden_at.is_not(None))
    gone = db.execute(oldest_hidden).scalar_one()
    if gone is None:
        raise OverLimit("posts of a discussion", MOST, "this one is full, and stays to be read", 3600)
    _delete_in(db, posts.c.id == gone)


def _name(db: Connection, sandbox: str, lesson: str, names: Sequence[str]) -> str:
    taken = select(posts.c.name).where(posts.c.lesson == lesson, posts.c.sandbox != sandbox, posts.c.name.in_(names))
    others = set(db.execute(taken).scalars())
    return _kept_name(db, sandbox, lesson) or next((name for name in names if name not in others), names[-1])


def _kept_name(db: Connection, sandbox: str, lesson: str) -> str | None:
    mine = select(posts.c.name).where(posts.c.sandbox == sandbox, posts.c.lesson == lesson)
    return db.execute(mine.limit(1)).scalar_one_or_none()


def with_reports() -> Select[Any]:
    reports = select(func.count()).select_from(post_reports).where(post_reports.c.post == posts.c.id)
    return select(posts, reports.scalar_subquery().label("reports"))


def found(wanted: Select[Any]) -> list[Post]:
    with read() as db:
        return [
            Post(**{field.name: row[field.name] for field in fields(Post)}) for row in db.execute(wanted).mappings()
        ]


def delete_where(*which: Any) -> bool:
    with begin() as db:
        return _delete_in(db, *which)


def _delete_in(db: Connection, *which: Any) -> bool:
    gone = list(db.execute(delete(posts).where(*which).returning(posts.c.id)).scalars())
    db.execute(delete(post_reports).where(post_reports.c.post.in_(gone)))
    return bool(gone)
