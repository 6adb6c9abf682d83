"""Many orders, many kills at places and moments that nobody chose: nothing is lost, nothing is stuck."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from tests.product import Product, Sandbox, eventually
from tests.workers.witness import adds_up, effects
from workers.fleet import PLACES

# The receivers' strategy has no action of the sender's own.
PASSED = [place for place in PLACES[1:] if not place.startswith(("check:", "claim:", "mark:"))]
EFFECTS = ("receipts", "analytics", "audit_log", "loyalty_points")


@pytest.fixture
def chance() -> random.Random:
    """Another run each time; SEED=… repeats one that failed."""
    seed = int(os.environ.get("SEED") or random.randrange(10**6))
    print(f"SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def crew(product: Product) -> Iterator[Sandbox]:
    """Twelve fast workers with a short lease, and receivers that remember keys."""
    sandbox = product.new_sandbox(speed=10, workers=12, visibility_timeout_s=2, idempotency="receiver")
    sandbox.wait_for_workers(12, within_s=20)
    yield sandbox
    sandbox.leave()


def test_a_hundred_orders_survive_twenty_crashes_at_random_steps(
    product: Product, crew: Sandbox, chance: random.Random
) -> None:
    with customers(crew, 100):
        for number in range(20):
            eventually(lambda done=number * 4: crew.snapshot()["ledger"]["done"] >= done, 60)  # type: ignore[misc]
            crew.crash(at=chance.choice(PASSED))

    all_is_well(product, crew, orders=100)
    assert len(crew.wait_for("WorkerCrashed", count=20)) == 20


@pytest.mark.parametrize(
    ("orders", "kills"), [(60, 15), pytest.param(1000, 250, marks=[pytest.mark.soak, pytest.mark.timeout(1200)])]
)
def test_kills_at_random_moments_lose_nothing(
    product: Product, crew: Sandbox, chance: random.Random, orders: int, kills: int
) -> None:
    moment = threading.Event()  # that never comes: only its time-out does
    killed: set[int] = set()
    with customers(crew, orders):
        for _ in range(kills):
            moment.wait(chance.uniform(0, 0.4))
            victims = eventually(lambda: [w["pid"] for w in crew.living_workers() if w["pid"] not in killed], 20)
            killed.add(kill(chance.choice(victims)))

    all_is_well(product, crew, orders)
    crashes = crew.wait_for("WorkerCrashed", count=kills)
    assert Counter(crash["pid"] for crash in crashes) == Counter(killed)


@contextmanager
def customers(sandbox: Sandbox, orders: int) -> Iterator[list[Future[Any]]]:
    """So many customers, twenty at a time, while the block runs; every one of them must see success."""
    with ThreadPoolExecutor(20) as shop:
        placed = [shop.submit(sandbox.place) for _ in range(orders)]
        yield placed
        for customer in placed:
            customer.result()


def all_is_well(product: Product, sandbox: Sandbox, orders: int) -> None:
    """Every order is complete, every effect is there once, and nothing is left anywhere."""
    snapshot = sandbox.wait_until_done(orders, within_s=orders)
    ledger = snapshot["ledger"]
    assert adds_up(ledger)
    assert [ledger[name] for name in ("placed", "done", "lost", "duplicated")] == [orders, orders, 0, 0]
    emails = Counter(effects(product, "emails", sandbox))
    assert (len(emails), set(emails.values())) == (orders, {1})
    for table in EFFECTS:
        assert Counter(effects(product, table, sandbox)) == emails, table
    assert Counter(effects(product, "deliveries", sandbox)) == emails
    assert eventually(lambda: sandbox.snapshot()["queues"]["checkout"]["depth"] == 0)


def kill(pid: int) -> int:
    os.kill(pid, signal.SIGKILL)
    return pid
