"""Visitors: real HTTP clients who ask for the list of what sold best, and write down how long they waited."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx
from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import OperationalError

from workers import crowds
from workers.database import begin, read, utc_now
from workers.errors import OverLimit
from workers.tables import visitor_runs, visits

WRITE_EVERY_S = 0.5
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
    """Look for wishes for ever, and send the visitors; those of a killed outside world do not come any more."""
    for row in await asyncio.to_thread(crowds.interrupted, visitor_runs):
        await asyncio.to_thread(_end, row, [])
    await crowds.send(visitor_runs, _come, VISITOR_WAITS_S)


async def _come(client: httpx.AsyncClient, run: Row[Any]) -> None:
    """Visitors at an even pace until their time is over or they are stopped."""
    clock = asyncio.get_running_loop().time
    began, noted, over = clock(), list[dict[str, Any]](), asyncio.Event()
    writing = asyncio.create_task(_write_down(run, noted, over))
    async with asyncio.TaskGroup() as group:
        for number in range(run.per_second * run.seconds):
            await asyncio.sleep(max(0, began + number / run.per_second - clock()))
            if number % run.per_second == 0 and await asyncio.to_thread(crowds.stopped, visitor_runs, run):
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
        there = db.execute(select(visitor_runs.c.id).where(*crowds.same(visitor_runs, run))).first()
        if there and rows:
            db.execute(insert(visits), rows)


def _end(run: Row[Any], rows: list[dict[str, Any]]) -> None:
    _keep(run, rows)
    with begin() as db:
        db.execute(update(visitor_runs).where(*crowds.same(visitor_runs, run)).values(ended_at=utc_now()))
