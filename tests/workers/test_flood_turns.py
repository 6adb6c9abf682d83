"""Floods share the shop's door: however many tickets one of them has to send, another one's come in time."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.workers.back_of_house import BackOfHouse
from workers import crowds, floods, sandboxes, tables

ANSWER_S, TURNS = 0.05, 2  # forty tickets a second


def test_a_small_flood_does_not_stand_behind_all_of_a_large_one(house: BackOfHouse) -> None:
    mine, hers = house.sandbox, sandboxes.create()
    floods.start(hers, per_second=1000, seconds=1, token="hers", kind="analytics")
    floods.start(mine, per_second=100, seconds=1, token="mine", kind="analytics")
    came: list[str] = []
    with ThreadPoolExecutor(1) as thread:  # in this one the browser of other tests has a loop that runs
        most = thread.submit(lambda: asyncio.run(send_all(came))).result()

    assert (came.count(hers), came.count(mine), most) == (100, 10, TURNS)
    last = len(came) - 1 - came[::-1].index(mine)
    assert last < 60, "by then a tenth of what waits would be hers, had all of it stood in one line"
    ended = [event for event in house.events() if event.type == "FloodEnded"]
    assert [(event.details["placed"], event.details["refused"]) for event in ended] == [(100, 0)]


async def send_all(came: list[str]) -> int:
    """Send all floods to a slow shop, which notes who came; how many stood at its door at once, at the most."""
    inside, most = 0, 0

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal inside, most
        came.append(request.url.path.split("/")[2])
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(ANSWER_S)
        inside -= 1
        return httpx.Response(202)

    turns, rows = asyncio.Semaphore(TURNS), crowds.running(tables.floods)
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://shop") as client:
        await asyncio.gather(*(floods._flood(turns, client, row) for row in rows))
    return most
