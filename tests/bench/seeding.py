"""Many messages at once, as the ledger and the broker have them: a hundred thousand orders would take an hour."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from redis import Redis

from tests.product import Product, Sandbox, eventually

CHUNK = 5000
GROUPS = ("webhook: partner answered 503", "email: mail server answered 550", "webhook: time-out")
FIRST = 1_000_000  # the numbers of the seeded orders, beyond those that are placed


def seed(
    product: Product, broker: Redis, sandbox: Sandbox, waiting: int = 0, dead: int = 0, ledger: bool = True
) -> None:
    """So many messages that wait and so many dead letters, in a sandbox without workers.

    Without the ledger they are at the broker only, where no audit misses or moves them: as plain RQ has them.
    """
    sandbox.change(workers=0)
    eventually(lambda: not sandbox.living_workers(), what="nobody is at work")
    placed = sandbox.place()["id"]
    job: Any = broker.hgetall(f"rq:job:{sandbox.id}-{placed}")
    numbers = range(FIRST, FIRST + waiting + dead)
    if ledger:
        _into_the_ledger(product, sandbox, numbers, dead)
    queue = f"{sandbox.id}:checkout"
    for chunk in _chunks(numbers[dead:]):
        _jobs(broker, sandbox, chunk, job)
        broker.rpush(f"rq:queue:{queue}", *(f"{sandbox.id}-{number}" for number in chunk))
    in_a_year = time.time() + 365 * 24 * 3600
    for chunk in _chunks(numbers[:dead]):
        _jobs(broker, sandbox, chunk, job | {b"status": b"failed"})
        broker.zadd(f"rq:failed:{queue}", {f"{sandbox.id}-{number}": in_a_year for number in chunk})


def seed_history(product: Product, sandbox: Sandbox, seconds: int) -> None:
    """The seconds up to now as they compress worst: what was measured in each is a matter of chance."""
    chance, now = random.Random(1), int(time.time())
    most = {"depth": 999, "oldest_age_s": 99, "came_in": 50, "went_out": 50, "busy": 9, "alive": 9, "scheduled": 9}
    most |= {"dead": 99, "wait_now_s": 20, "wait_later_s": 9, "lost": 1, "duplicated": 1}
    rows = [(sandbox.id, second, *map(chance.randrange, most.values())) for second in range(now - seconds, now)]
    columns, places = ", ".join(("sandbox", "second", *most)), ", ".join("?" * (2 + len(most)))
    with closing(sqlite3.connect(product.data_dir / "ticketwheel.sqlite3", timeout=60)) as db, db:
        db.executemany(f"INSERT OR REPLACE INTO samples ({columns}) VALUES ({places})", rows)


def _into_the_ledger(product: Product, sandbox: Sandbox, numbers: range, dead: int) -> None:
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    with closing(sqlite3.connect(product.data_dir / "ticketwheel.sqlite3", timeout=60)) as db:
        for chunk in _chunks(numbers):
            one: dict[str, Any] = {"sandbox": sandbox.id, "now": now, "end": FIRST + dead, "group": ""}
            rows = [one | {"n": n, "id": f"{sandbox.id}-{n}", "group": GROUPS[n % len(GROUPS)]} for n in chunk]
            db.executemany(
                "INSERT INTO orders (sandbox, number, checkout, email, placed_at, answered_at, waited_s)"
                " VALUES (:sandbox, :n, 'later', 'ada@example.com', :now, :now, 0.9)",
                rows,
            )
            db.executemany(
                'INSERT INTO outbox (message, sandbox, "order", kind, payload, committed_at, enqueued_at, deliveries,'
                " failures, dead_at) VALUES (:id, :sandbox, :n, 'CompleteOrder',"
                " json_object('sandbox', :sandbox, 'order', :n), :now, :now, 0, 0, iif(:n < :end, :now, NULL))",
                rows,
            )
            db.executemany(
                'INSERT INTO dead_letters (message, sandbox, "order", step, error_group, error, traceback, attempts,'
                " first_failed_at, dead_at) VALUES (:id, :sandbox, :n, 'webhook', :group, 'It failed.',"
                " 'Traceback (most recent call last): …', 3, :now, :now)",
                [row for row in rows if row["n"] < row["end"]],
            )
            db.commit()


def _jobs(broker: Redis, sandbox: Sandbox, numbers: list[int], job: dict[Any, Any]) -> None:
    with broker.pipeline(transaction=False) as pipe:
        for number in numbers:
            pipe.hset(f"rq:job:{sandbox.id}-{number}", mapping=job)
        pipe.execute()


def _chunks(numbers: range) -> Iterator[list[int]]:
    rest = iter(numbers)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
