"""The line of experiments: who asks stands in it, a few are run at a time, and what came of each is kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Row, case, func, insert, select, update

from workers.database import begin, read, utc_now
from workers.errors import HouseFull, OverLimit
from workers.event_types import Event
from workers.experiments import records
from workers.experiments.conduct import Finished
from workers.experiments.course import Point
from workers.experiments.scenario import Scenario
from workers.settings import current
from workers.tables import experiments

OF_ONE_READER = 4  # in the line or running
IN_LINE = 100
MOST_OF_A_QUESTION = 20  # runs of a reader that are looked through for her newest
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_at = experiments.c
_WAITING, _RUNNING = _at.began_at.is_(None), _at.began_at.is_not(None) & _at.ended_at.is_(None)


@dataclass(frozen=True)
class Asked:
    """What is to be run: an option's scenario, with what a curious reader changed in its settings."""

    question: str  # a lesson's slug or "practice", a slash, and the question's id
    option: str
    scenario: Scenario
    changes: dict[str, Any]


@dataclass(frozen=True)
class Experiment:
    """One run, in the line, under way or over."""

    id: str
    asked: Asked
    stage: str
    token: str
    seed: int
    asked_at: datetime
    began_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    reason: str | None = None
    figures: dict[str, float | None] | None = None
    course: tuple[Point, ...] = ()
    events: int = 0
    packed: bytes | None = None

    @property
    def state(self) -> str:
        return "over" if self.ended_at else "running" if self.began_at else "waiting"

    @cached_property
    def record(self) -> tuple[Event, ...]:
        """Its events, oldest first; the first and the last ones only if there were too many to keep."""
        return records.unpack(self.packed) if self.packed else ()


@dataclass(frozen=True)
class Place:
    """Where a run stands: so many are begun before it, and about how many seconds that takes; 0 is next."""

    ahead: int
    wait_s: float


@dataclass(frozen=True)
class Tally:
    """How often an option's consequence was shown, in so many runs that could tell."""

    shown: int
    told: int


def ask(asked: Asked, asker: str, stage: str, token: str) -> str:
    """Stand in the line; the run's id. `stage` is a sandbox that nobody else uses. Raises OverLimit and HouseFull."""
    number = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    with begin() as db:
        if _count(db, _at.asker == asker, _at.ended_at.is_(None)) >= OF_ONE_READER:
            raise OverLimit("experiments at a time", OF_ONE_READER, "wait until one of yours is over", 10)
        if _count(db, _WAITING) >= IN_LINE:
            raise HouseFull("experiments in line", IN_LINE, "come back in a few minutes", 60)
        row = {"id": number, "question": asked.question, "option": asked.option, "asker": asker, "stage": stage}
        what = {
            "scenario": asked.scenario.model_dump(mode="json"),
            "changes": asked.changes,
            "as_written": not asked.changes,
        }
        random = {"seed": secrets.randbelow(2**31), "token": token, "asked_at": utc_now()}
        db.execute(insert(experiments).values(**row, **what, **random))
    return number


def find(number: str) -> Experiment | None:
    with read() as db:
        row = db.execute(select(experiments).where(_at.id == number)).one_or_none()
    return _experiment(row) if row else None


def place(run: Experiment) -> Place:
    """How many stand before a run that waits."""
    with read() as db:
        ahead = _count(db, _WAITING, _at.asked_at < run.asked_at)
        running = _count(db, _RUNNING)
    at_once = current().experiments_at_once
    turns = max(0, ahead + 1 - max(0, at_once - running))
    return Place(ahead, round(turns / at_once * _usual_s(), 1))


def of_reader(reader: str, question: str) -> dict[str, Experiment]:
    """By option: the newest run of each that a reader has asked for, as it is written; the newest of all is first."""
    mine = select(experiments).where(_at.asker == reader, _at.question == question, _at.as_written)
    with read() as db:
        rows = db.execute(mine.order_by(_at.asked_at.desc()).limit(MOST_OF_A_QUESTION)).all()
    found: dict[str, Experiment] = {}
    for row in rows:
        found.setdefault(row.option, _experiment(row))
    return found


def latest_shown(question: str, option: str) -> Experiment | None:
    """The newest run of an option as it is written that has shown its consequence: for who cannot wait."""
    mine = (_at.question == question, _at.option == option, _at.outcome == "shown", _at.as_written)
    with read() as db:
        row = db.execute(select(experiments).where(*mine).order_by(_at.ended_at.desc()).limit(1)).one_or_none()
    return _experiment(row) if row else None


def tallies() -> dict[tuple[str, str], Tally]:
    """By question and option: the runs of options as they are written, on this server."""
    shown, told = func.sum(case((_at.outcome == "shown", 1), else_=0)), func.count()
    over = (_at.outcome.in_(("shown", "not_shown")), _at.as_written)
    grouped = select(_at.question, _at.option, shown, told).where(*over).group_by(_at.question, _at.option)
    with read() as db:
        return {(row[0], row[1]): Tally(int(row[2]), int(row[3])) for row in db.execute(grouped)}


def waiting() -> bool:
    """Whether anybody stands in the line: a look that takes no lock."""
    with read() as db:
        return db.execute(select(_at.id).where(_WAITING).limit(1)).first() is not None


def claim(runner: str) -> Experiment | None:
    """Begin with the one that has waited longest; None if nobody waits."""
    first = select(_at.id).where(_WAITING).order_by(_at.asked_at).limit(1)
    mine = update(experiments).where(_at.id == first.scalar_subquery(), _WAITING)
    with begin() as db:
        row = db.execute(mine.values(began_at=utc_now(), runner=runner).returning(*experiments.c)).one_or_none()
    return _experiment(row) if row else None


def step_back(number: str) -> None:
    """One that could not begin waits again, where it stood."""
    with begin() as db:
        db.execute(update(experiments).where(_at.id == number, _RUNNING).values(began_at=None, runner=None))


def finish(number: str, finished: Finished) -> None:
    """Keep what came of a run."""
    what = {"outcome": finished.outcome, "reason": finished.reason[:300], "figures": finished.figures}
    record = {"events": len(finished.record), "record": records.pack(finished.record), "course": finished.course}
    with begin() as db:
        db.execute(update(experiments).where(_at.id == number).values(**what, **record, ended_at=utc_now()))


def begun_by(runner: str) -> list[Experiment]:
    """What a runner of this name had begun and not finished: it has died since."""
    with read() as db:
        rows = db.execute(select(experiments).where(_RUNNING, _at.runner == runner)).all()
    return [_experiment(row) for row in rows]


def _usual_s() -> float:
    """How long the last runs took, on the average; ten seconds before there were any."""
    last = select(_at.began_at, _at.ended_at).where(_at.ended_at.is_not(None)).order_by(_at.ended_at.desc()).limit(20)
    with read() as db:
        took = [(row.ended_at - row.began_at).total_seconds() for row in db.execute(last)]
    return sum(took) / len(took) if took else 10.0


def _count(db: Any, *which: ColumnElement[bool]) -> int:
    return int(db.execute(select(func.count()).select_from(experiments).where(*which)).scalar_one())


def _experiment(row: Row[Any]) -> Experiment:
    asked = Asked(row.question, row.option, Scenario.model_validate(row.scenario), row.changes)
    ran = {"outcome": row.outcome, "reason": row.reason or None, "figures": row.figures, "packed": row.record}
    drawn: dict[str, Any] = {"course": tuple(row.course or ()), "events": row.events or 0}
    times = {"asked_at": row.asked_at, "began_at": row.began_at, "ended_at": row.ended_at}
    return Experiment(row.id, asked, row.stage, row.token, row.seed, **times, **ran, **drawn)
