"""Visitors: real HTTP clients who ask for the list of what sold best, and write down how long they waited."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import OperationalError

from workers.database import begin, read, utc_now
from workers.errors import OverLimit
from workers.settings import current
from workers.tables import visitor_runs, visits

LOOK_EVERY_S, WRITE_EVERY_S = 0.1, 0.5
VISITOR_WAITS_S = 30
log = logging.getLogger("workers.visits")


def start(sandbox: str, per_second: int, seconds: int, token: str) -> int:
    """Ask for visitors who act with `token`; the number of their run. Raises OverLimit while another one goes on."""
    with begin() as db:
        running = select(visitor_runs.c.id).where(visitor_runs.c.sandbox == sandbox, visitor_runs.c.ended_at.is_(None))
        if db.execute(running).first():
            raise OverLimit("crowds of visitors at a time", 1, "wait until the one that runs is over", seconds)
        row = {"sandbox": sandbox, "per_second": per_second, "seconds": seconds, "token": token}
        new = insert(visitor_runs).values(**row, started_at=utc_now())
        return int(db.execute(new.returning(visitor_runs.c.id)).scalar_one())


def stop(sandbox: str) -> None:
    """No further visitor comes."""
    running = update(visitor_runs).where(visitor_runs.c.sandbox == sandbox, visitor_runs.c.ended_at.is_(None))
    with begin() as db:
        db.execute(running.values(stop_at=utc_now()))


def forget(sandbox: str, run: int) -> None:
    """Nobody will look at this run again."""
    with begin() as db:
        db.execute(delete(visits).where(visits.c.sandbox == sandbox, visits.c.run == run))
        db.execute(delete(visitor_runs).where(visitor_runs.c.sandbox == sandbox, visitor_runs.c.id == run))


def of_run(sandbox: str, run: int) -> tuple[Row[Any] | None, list[Row[Any]]]:
    """A run of visitors, None if it is gone, and their visits so far in the order in which they came."""
    mine = select(visitor_runs).where(visitor_runs.c.id == run, visitor_runs.c.sandbox == sandbox)
    made = select(visits).where(visits.c.run == run, visits.c.sandbox == sandbox).order_by(visits.c.number)
    with read() as db:
        return db.execute(mine).one_or_none(), list(db.execute(made))


async def send_visitors() -> None:
    """Look for wishes for ever, and send the visitors."""
    await asyncio.to_thread(_end_interrupted)
    known: set[tuple[str, int]] = set()
    tasks: set[asyncio.Task[None]] = set()
    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(
        base_url=current().web_url, timeout=VISITOR_WAITS_S, limits=limits, trust_env=False
    ) as client:
        while True:
            for row in await asyncio.to_thread(_running):
                if (row.sandbox, row.id) not in known:
                    known.add((row.sandbox, row.id))
                    tasks.add(task := asyncio.create_task(_come(client, row)))
                    task.add_done_callback(tasks.discard)
            await asyncio.sleep(LOOK_EVERY_S)


async def _come(client: httpx.AsyncClient, run: Row[Any]) -> None:
    """Visitors at an even pace until their time is over or they are stopped."""
    clock = asyncio.get_running_loop().time
    began, noted, over = clock(), list[dict[str, Any]](), asyncio.Event()
    writing = asyncio.create_task(_write_down(run, noted, over))
    async with asyncio.TaskGroup() as group:
        for number in range(run.per_second * run.seconds):
            await asyncio.sleep(max(0, began + number / run.per_second - clock()))
            if number % run.per_second == 0 and await asyncio.to_thread(_stopped, run):
                break
            group.create_task(_visit(client, run, number, began, noted))
    over.set()
    await writing
    await asyncio.to_thread(_end, run, noted)


async def _visit(
    client: httpx.AsyncClient, run: Row[Any], number: int, began: float, noted: list[dict[str, Any]]
) -> None:
    headers = {"Authorization": f"Bearer {run.token}", "Accept": "application/json"}
    clock = asyncio.get_running_loop().time
    came, how, age_s = clock(), "refused", None
    try:
        answer = await client.get(f"/sandboxes/{run.sandbox}/bestsellers", headers=headers)
        if answer.status_code == 200:
            how, age_s = answer.json()["how"], answer.json()["age_s"]
    except httpx.HTTPError as error:
        log.warning("a visitor of run %s got no answer: %r", run.id, error)
    took = {"came_s": round(came - began, 3), "waited_s": round(clock() - came, 3), "how": how, "age_s": age_s}
    noted.append({"sandbox": run.sandbox, "run": run.id, "number": number, **took})


async def _write_down(run: Row[Any], noted: list[dict[str, Any]], over: asyncio.Event) -> None:
    """Now and then write what was noted, so that it can be seen while it goes on."""
    while not over.is_set():
        await asyncio.sleep(WRITE_EVERY_S)
        rows, noted[:] = noted[:], []
        try:
            await asyncio.to_thread(_keep, run, rows)
        except OperationalError as error:
            log.warning("waiting for the database: %s", error)
            noted[:0] = rows


def _keep(run: Row[Any], rows: list[dict[str, Any]]) -> None:
    with begin() as db:
        there = db.execute(select(visitor_runs.c.id).where(*_same(run))).first()
        if there and rows:
            db.execute(insert(visits), rows)


def _end(run: Row[Any], rows: list[dict[str, Any]]) -> None:
    _keep(run, rows)
    with begin() as db:
        db.execute(update(visitor_runs).where(*_same(run)).values(ended_at=utc_now()))


def _running() -> list[Row[Any]]:
    try:
        with read() as db:
            return list(db.execute(select(visitor_runs).where(visitor_runs.c.ended_at.is_(None))))
    except OperationalError as error:
        log.warning("waiting for the database: %s", error)
        return []


def _stopped(run: Row[Any]) -> bool:
    with read() as db:
        row = db.execute(select(visitor_runs.c.stop_at).where(*_same(run))).first()
    return row is None or row.stop_at is not None


def _same(run: Row[Any]) -> tuple[Any, ...]:
    return visitor_runs.c.id == run.id, visitor_runs.c.sandbox == run.sandbox


def _end_interrupted() -> None:
    """Visitors of an outside world that was killed do not come any more."""
    for row in _running():
        if row.started_at < utc_now() - timedelta(seconds=1):
            _end(row, [])
