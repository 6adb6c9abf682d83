"""Many orders, many kills at places and moments that nobody chose: nothing is lost, nothing is stuck."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from tests.product import Product, Sandbox, eventually
from tests.workers.witness import adds_up, effects, rows
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


LONG = pytest.param(2000, 200, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])


@pytest.mark.parametrize(("orders", "kills"), [(60, 12), LONG])
def test_kills_at_random_moments_and_places_lose_nothing(
    product: Product, crew: Sandbox, chance: random.Random, orders: int, kills: int
) -> None:
    began = time.monotonic()
    with customers(crew, orders):
        while (dead := deaths(product, crew)) < kills:
            eventually(lambda due=0.8 * orders * dead / kills: done(crew) >= due, 120)  # type: ignore[misc]
            for _ in range(chance.randint(1, 3)):
                kill_one(crew, chance)
            eventually(lambda before=dead: deaths(product, crew) > before, 60)  # type: ignore[misc]

    all_is_well(product, crew, orders)
    print(f"{orders} orders, {deaths(product, crew)} deaths, {(time.monotonic() - began) / 60:.1f} minutes")


def kill_one(sandbox: Sandbox, chance: random.Random) -> None:
    """SIGKILL for somebody: at the next passing of a place that nobody chose, or in the middle of anything."""
    if chance.random() < 0.5:
        sandbox.crash(at=chance.choice(PASSED))
        return
    threading.Event().wait(chance.uniform(0, 0.4))  # it never comes: only its time-out does
    with suppress(ProcessLookupError):  # another kill was faster
        os.kill(chance.choice(eventually(sandbox.living_workers, 20))["pid"], signal.SIGKILL)


def deaths(product: Product, sandbox: Sandbox) -> int:
    """How many workers were killed so far, read past the product: its record has become long."""
    [[count]] = rows(product, "SELECT count(*) FROM events WHERE sandbox = ? AND type = 'WorkerCrashed'", sandbox)
    return int(count)


def done(sandbox: Sandbox) -> int:
    return int(sandbox.snapshot()["ledger"]["done"])


@contextmanager
def customers(sandbox: Sandbox, orders: int) -> Iterator[list[Future[Any]]]:
    """So many customers, twenty at a time, while the block runs; every one of them must see success.

    They come no faster than the shop admits: a sandbox holds five hundred messages.
    """

    def customer() -> None:
        eventually(lambda: sandbox.snapshot()["ledger"]["waiting"] < 300, 600)
        sandbox.place()

    with ThreadPoolExecutor(20) as shop:
        placed = [shop.submit(customer) for _ in range(orders)]
        yield placed
        for each in placed:
            each.result()


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
