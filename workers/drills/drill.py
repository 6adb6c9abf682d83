"""One drill as it is kept: what it is about, how far it is, and what was guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from workers.database import read
from workers.tables import drill_guesses, drills

WORKERS = 2  # at its beginning
QUIET_S = (7, 14)  # of traffic at speed 4 before the fault comes, at random
LASTS_S = 180  # from the fault to its end by itself
NAME_WITHIN_S = 60  # after it was mended
LONGEST_S = QUIET_S[1] + LASTS_S + NAME_WITHIN_S


@dataclass(frozen=True)
class Guess:
    guess: str
    right: bool
    at: datetime


@dataclass(frozen=True)
class Drill:
    """A row of the table, with the guesses in their order."""

    id: int
    sandbox: str
    kind: str
    state: str
    speed: float
    before: Mapping[str, Any]
    token: str
    started_at: datetime
    inject_at: datetime
    injected_at: datetime | None
    cured_at: datetime | None
    mended_at: datetime | None
    ended_at: datetime | None
    how: str | None
    signs: Mapping[str, str] | None
    guesses: tuple[Guess, ...] = ()

    @property
    def over(self) -> bool:
        return self.state == "over"

    @property
    def named_at(self) -> datetime | None:
        return next((guess.at for guess in self.guesses if guess.right), None)

    @property
    def ends_at(self) -> datetime:
        """When it ends by itself at the latest; it does not tell when the fault comes."""
        return self.started_at + timedelta(seconds=LONGEST_S)

    @property
    def mended_after_s(self) -> float | None:
        if self.mended_at is None or self.injected_at is None:
            return None
        return round((self.mended_at - self.injected_at).total_seconds(), 1)

    @property
    def orders_per_second(self) -> float:
        """Gentle: two workers are busy for six tenths of the time."""
        return self.speed / 10


def latest(sandbox: str) -> Drill | None:
    """The newest drill of a sandbox, over or under way."""
    return next(iter(_read(_of(sandbox).order_by(drills.c.id.desc()).limit(1))), None)


def of_sandbox(sandbox: str) -> list[Drill]:
    """All of them that are over, oldest first."""
    return _read(_of(sandbox).where(drills.c.state == "over").order_by(drills.c.id))


def under_way() -> list[Drill]:
    """Those of all sandboxes that go on."""
    return _read(select(drills).where(drills.c.state.in_(("quiet", "faulty", "mended"))))


def locked(db: Connection, sandbox: str) -> Drill | None:
    """The sandbox's drill that goes on; nobody else ends it or goes on with it before this transaction's end."""
    mine = _of(sandbox).where(drills.c.state != "over").with_for_update()
    row = db.execute(mine).first()
    return _drill(row, _guesses(db, [row.id])) if row else None


def _of(sandbox: str) -> Select[Any]:
    return select(drills).where(drills.c.sandbox == sandbox)


def _read(chosen: Select[Any]) -> list[Drill]:
    with read() as db:
        rows = list(db.execute(chosen))
        given = _guesses(db, [row.id for row in rows])
    return [_drill(row, given) for row in rows]


def _guesses(db: Connection, numbers: list[int]) -> list[Row[Any]]:
    if not numbers:
        return []
    mine = select(drill_guesses).where(drill_guesses.c.drill.in_(numbers))
    return list(db.execute(mine.order_by(drill_guesses.c.id)))


def _drill(row: Row[Any], given: list[Row[Any]]) -> Drill:
    kept = {field.name: getattr(row, field.name) for field in fields(Drill) if field.name != "guesses"}
    return Drill(**kept, guesses=tuple(Guess(it.guess, it.right, it.at) for it in given if it.drill == row.id))
