"""A flood: many customers at once, each a real HTTP client of the shop that waits for her answer."""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import httpx
from sqlalchemy import Row, insert, select, update

from workers import crowds, events
from workers.database import begin, utc_now
from workers.errors import OverLimit
from workers.tables import floods

STOPS_WITHIN_S = 0.25
LATE_AT_MOST_S = 5.0
MOST_WORK_MS = 2000
VISITORS = 20
CUSTOMER_WAITS_S = 60
# Of all floods together. The shop takes no more of them a second when more stand at its door, and the HTTP client
# looks through all who stand there whenever one comes or goes: with 200 it sends a third of what it sends with 8.
TICKETS_AT_ONCE = 8
SMALL = {"analytics": "page seen", "payments": "payment made"}  # by the kind of flood
log = logging.getLogger("workers.floods")


@dataclass(frozen=True)
class Manner:
    """How the tickets of a flood come, and what each asks for; customers come at an even pace."""

    small: int = 1  # small messages in a ticket
    at_random: bool = False  # as customers really come: with gaps of any length, and work of any length
    mean_work_ms: float | None = None  # of the story; None: 10 ms for each small message
    lookup: str | None = None  # how a ticket asks a slow server first

    def moments(self, per_second: int, seconds: int) -> Iterator[float]:
        """When each ticket comes, in seconds from the flood's beginning."""
        pace = per_second / self.small
        if not self.at_random:
            yield from (number / pace for number in range(math.ceil(pace * seconds)))
            return
        at = random.expovariate(pace)
        while at < seconds:
            yield at
            at += random.expovariate(pace)

    def wishes(self) -> dict[str, Any]:
        """What a ticket's request says beside the small messages."""
        work_ms = self.mean_work_ms
        if work_ms and self.at_random:
            work_ms = min(MOST_WORK_MS, round(random.expovariate(1 / work_ms), 2))
        return {name: value for name, value in (("work_ms", work_ms), ("lookup", self.lookup)) if value is not None}


ONE_BY_ONE, IN_TENS = Manner(), Manner(small=10)


def start(
    sandbox: str,
    per_second: int,
    seconds: int,
    token: str,
    checkout: str = "later",
    kind: str = "checkout",
    manner: Manner | None = None,
) -> int:
    """Ask for a flood of customers who act with `token`, or of small messages, in tickets of ten unless told otherwise.

    Raises OverLimit while another one of its kind runs.
    """
    with begin() as db:
        mine = floods.c.sandbox == sandbox, floods.c.kind == kind, floods.c.ended_at.is_(None)
        if db.execute(select(floods.c.id).where(*mine)).first():
            raise OverLimit("floods at a time", 1, "wait until the flood that runs is over, or stop it", seconds)
        row = {"sandbox": sandbox, "per_second": per_second, "seconds": seconds, "checkout": checkout, "token": token}
        how = manner or (ONE_BY_ONE if kind == "checkout" else IN_TENS)
        new = insert(floods).values(**row, kind=kind, manner=asdict(how), placed=0, refused=0, started_at=utc_now())
        number = int(db.execute(new.returning(floods.c.id)).scalar_one())
        events.append(sandbox, events.FloodStarted(per_second=per_second, seconds=seconds, kind=kind), db=db)
    return number


def stop(sandbox: str) -> bool:
    """End the sandbox's flood: no further customer comes. False if there is none."""
    running = update(floods).where(floods.c.sandbox == sandbox, floods.c.ended_at.is_(None))
    with begin() as db:
        return db.execute(running.values(stop_at=utc_now())).rowcount > 0


async def run_customers() -> None:
    """Look for floods for ever, and send their customers; those of a killed outside world do not go on."""
    for row in await asyncio.to_thread(crowds.interrupted, floods):
        await asyncio.to_thread(_end, row, row.placed, row.refused)
    await crowds.send(floods, partial(_flood, asyncio.Semaphore(TICKETS_AT_ONCE)), CUSTOMER_WAITS_S)


async def _flood(turns: asyncio.Semaphore, client: httpx.AsyncClient, row: Row[Any]) -> None:
    """Customers or tickets, at the flood's pace, until its time is over or it is stopped.

    A ticket needs a turn, and each flood waits for one at a time: so they take turns, and none holds another up.
    """
    counted: Counter[str] = Counter()
    clock, manner = asyncio.get_running_loop().time, Manner(**row.manner)
    began, looked = clock(), 0.0
    async with asyncio.TaskGroup() as group:
        for number, at in enumerate(manner.moments(row.per_second, row.seconds)):
            await asyncio.sleep(max(0, began + at - clock()))
            if clock() > began + row.seconds + LATE_AT_MOST_S:
                break  # the machine is too slow for this flood, which is to end by itself
            if clock() - looked > STOPS_WITHIN_S:
                looked = clock()
                if await asyncio.to_thread(crowds.stopped, floods, row):
                    break
            if row.kind == "checkout":
                group.create_task(_customer(client, row, f"flood-{row.id}-{number}", counted))
            else:
                await turns.acquire()
                group.create_task(_ticket(client, row, manner, counted)).add_done_callback(lambda _: turns.release())
    await asyncio.to_thread(_end, row, counted["placed"], counted["refused"])


async def _customer(client: httpx.AsyncClient, row: Row[Any], key: str, counted: Counter[str]) -> None:
    headers = {"Authorization": f"Bearer {row.token}", "Accept": "application/json", "Idempotency-Key": key}
    try:
        order = {"checkout": row.checkout, "email": f"customer-{key}@example.com"}
        answer = await client.post(f"/sandboxes/{row.sandbox}/orders", json=order, headers=headers)
        counted["placed" if answer.status_code == 201 else "refused"] += 1
    except httpx.HTTPError as error:
        log.warning("a customer of flood %s got no answer: %r", row.id, error)
        counted["refused"] += 1


async def _ticket(client: httpx.AsyncClient, row: Row[Any], manner: Manner, counted: Counter[str]) -> None:
    """One request with as many small messages as go into one; placed and refused are counted in these."""
    small = [f"{SMALL[row.kind]} by visitor {random.randrange(VISITORS)}" for _ in range(manner.small)]
    body = {"about": row.kind, "events": small, **manner.wishes()}
    try:
        answer = await client.post(
            f"/sandboxes/{row.sandbox}/tickets", json=body, headers={"Authorization": f"Bearer {row.token}"}
        )
        counted["placed" if answer.status_code == 202 else "refused"] += len(small)
    except httpx.HTTPError as error:
        log.warning("a ticket of flood %s got no answer: %r", row.id, error)
        counted["refused"] += len(small)


def _end(row: Row[Any], placed: int, refused: int) -> None:
    with begin() as db:
        mine = update(floods).where(*crowds.same(floods, row), floods.c.ended_at.is_(None))
        if db.execute(mine.values(placed=placed, refused=refused, ended_at=utc_now())).rowcount:
            events.append(row.sandbox, events.FloodEnded(placed=placed, refused=refused, kind=row.kind), db=db)
