"""The customers of the drills: each a real HTTP client of the shop, at a gentle pace or as a crowd."""

from __future__ import annotations

import asyncio
import logging
import time

import httpx
from sqlalchemy.exc import OperationalError

from workers.crowds import LOOK_EVERY_S, shop_client
from workers.database import read
from workers.drills import drill as drills
from workers.drills.drill import Drill
from workers.drills.kinds import POISONS, SURGE, poisons, surges
from workers.floods import CUSTOMER_WAITS_S
from workers.mischief import POISON

GOOD = "ada@example.com"
log = logging.getLogger("workers.drills")


async def run() -> None:
    """For ever: let the next customer of each drill come when it is her turn."""
    due: dict[int, float] = {}
    coming: set[asyncio.Task[None]] = set()
    async with shop_client(CUSTOMER_WAITS_S) as client:
        while True:
            here = await asyncio.to_thread(_under_way)
            due = {drill.id: due.get(drill.id, 0.0) for drill in here}
            for drill in here:
                if time.monotonic() >= due[drill.id]:
                    due[drill.id] = _next(due[drill.id], drill)
                    coming.add(task := asyncio.create_task(_order(client, drill)))
                    task.add_done_callback(coming.discard)
            await asyncio.sleep(LOOK_EVERY_S)


def _next(due: float, drill: Drill) -> float:
    """When the one after this one comes: on the beat, unless we were away."""
    pause_s = 1 / (drill.orders_per_second * (SURGE if surges(drill) else 1))
    now = time.monotonic()
    return max(due + pause_s, now) if now - due < 1 else now + pause_s


async def _order(client: httpx.AsyncClient, drill: Drill) -> None:
    email = await asyncio.to_thread(_address, drill)
    headers = {"Authorization": f"Bearer {drill.token}"}
    order = {"checkout": "later", "email": email}
    try:
        await client.post(f"/sandboxes/{drill.sandbox}/orders", json=order, headers=headers)
    except httpx.HTTPError as error:
        log.warning("a customer of drill %s got no answer: %r", drill.id, error)


def _address(drill: Drill) -> str:
    """Her address; the first customers after the fault of a certain kind have a bad one."""
    if drill.kind != "poison" or drill.injected_at is None:
        return GOOD
    with read() as db:
        return POISON if poisons(db, drill) < POISONS else GOOD


def _under_way() -> list[Drill]:
    try:
        return drills.under_way()
    except OperationalError as error:
        log.warning("waiting for the database: %s", error)
        return []
