"""What all crowds of real HTTP clients have in common: each is a row that somebody left, until it has ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import ColumnElement, Row, Table, select
from sqlalchemy.exc import OperationalError

from workers.database import read, utc_now
from workers.settings import current

LOOK_EVERY_S = 0.1
CONNECTIONS = 200
Come = Callable[[httpx.AsyncClient, Row[Any]], Coroutine[Any, Any, None]]
log = logging.getLogger("workers.crowds")


def shop_client(waits_s: float) -> httpx.AsyncClient:
    """The clients of one crowd: so long does each of them wait for an answer."""
    limits = httpx.Limits(max_connections=CONNECTIONS)
    return httpx.AsyncClient(base_url=current().web_url, timeout=waits_s, limits=limits, trust_env=False)


async def send(table: Table, come: Come, waits_s: float) -> None:
    """Look for wishes in a table for ever, and let the crowd of each come."""
    known: set[tuple[str, int]] = set()  # a number alone may come again, after a sandbox was deleted with its rows
    tasks: set[asyncio.Task[None]] = set()
    async with shop_client(waits_s) as client:
        while True:
            for row in await asyncio.to_thread(running, table):
                if (row.sandbox, row.id) not in known:
                    known.add((row.sandbox, row.id))
                    tasks.add(task := asyncio.create_task(come(client, row)))
                    task.add_done_callback(tasks.discard)
            await asyncio.sleep(LOOK_EVERY_S)


def running(table: Table) -> list[Row[Any]]:
    """The crowds of a table that have not ended; none while the database is away."""
    try:
        with read() as db:
            return list(db.execute(select(table).where(table.c.ended_at.is_(None))))
    except OperationalError as error:
        log.warning("waiting for the database: %s", error)
        return []


def interrupted(table: Table) -> list[Row[Any]]:
    """Those of an outside world that was killed: they were on their way before this one began."""
    return [row for row in running(table) if row.started_at < utc_now() - timedelta(seconds=1)]


def stopped(table: Table, crowd: Row[Any]) -> bool:
    """Somebody has asked for its end, or its sandbox is gone."""
    with read() as db:
        row = db.execute(select(table.c.stop_at).where(*same(table, crowd))).first()
    return row is None or row.stop_at is not None


def same(table: Table, crowd: Row[Any]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.c.id == crowd.id, table.c.sandbox == crowd.sandbox
