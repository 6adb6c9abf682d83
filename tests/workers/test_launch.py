"""The product starts as one tree of processes, mends itself when a part is killed, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from tests.product import Product, Sandbox, eventually, free_port, running
from tests.workers.witness import adds_up

PARTS = ("valkey", "workers.supervisor", "workers.outside", "granian", "one of granian's")


@dataclass
class Premises:
    """A data folder and a port for one product after another."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    started: ExitStack = field(default_factory=ExitStack)
    running: Product | None = None
    opened_in_s: float = 0

    def open(self) -> Product:
        """The product that runs here, started if none does."""
        if self.running is None or self.running.process.poll() is not None:
            began = time.monotonic()
            self.running = self.started.enter_context(running(self.data_dir, PORT=str(self.port)))
            self.opened_in_s = time.monotonic() - began
        return self.running

    def new_sandbox(self) -> Sandbox:
        return self.open().new_sandbox(speed=10, visibility_timeout_s=2, idempotency="receiver")


@pytest.fixture(scope="module")
def premises(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Premises]:
    place = Premises(tmp_path_factory.mktemp("premises"))
    with place.started:
        yield place


@pytest.fixture
def shop(premises: Premises) -> Iterator[Sandbox]:
    """A fresh sandbox in the product of the premises."""
    sandbox = premises.new_sandbox()
    yield sandbox
    if sandbox.http.is_closed:
        return
    premises.open()
    sandbox.leave()


@pytest.mark.parametrize("part", PARTS)
def test_a_killed_part_is_started_again_and_no_order_is_lost(premises: Premises, shop: Sandbox, part: str) -> None:
    product = premises.open()
    shop.change(workers=1)
    answered = [shop.place()["id"] for _ in range(4)]
    waiting = threading.Thread(target=place_whatever_happens, args=(shop,))
    waiting.start()
    shop.wait_for("StepStarted", count=2 * len(answered) + 2)
    victim = find(product, part)

    victim.kill()

    eventually(lambda: is_new(product, part, victim.pid), 10, f"another {part}")
    waiting.join()
    eventually(lambda: is_ready(product), 20, "ready again")
    ledger = patiently(shop, orders=len(answered))
    assert adds_up(ledger)
    assert (ledger["lost"], ledger["duplicated"]) == (0, 0)
    assert all(shop.order(number)["complete"] for number in answered)
    assert shop.place()["id"] not in answered
    patiently(shop, orders=len(answered) + 1)


def test_killing_the_launcher_ends_everything_and_the_next_start_goes_on(premises: Premises, shop: Sandbox) -> None:
    product = premises.open()
    answered = [shop.place()["id"] for _ in range(6)]
    shop.wait_for("StepStarted", count=2 * len(answered) + 1)
    tree = product.processes()

    product.process.kill()

    eventually(lambda: not any(map(is_alive, tree)), 3, "all processes gone")
    assert premises.open().process.pid != product.process.pid
    ledger = patiently(shop, orders=len(answered))
    assert (ledger["placed"], ledger["done"], ledger["lost"], ledger["duplicated"]) == (6, 6, 0, 0)
    assert sorted(mail["order"] for mail in shop.inbox()) == sorted(answered)


def test_ctrl_c_ends_everything_while_a_customer_waits_and_data_survives(premises: Premises, shop: Sandbox) -> None:
    product = premises.open()
    done = shop.place()["id"]
    shop.wait_until_done(1)
    shop.change(speed=1)
    cut_off = threading.Thread(target=place_whatever_happens, args=(shop, "now"))
    cut_off.start()
    shop.wait_for("StepStarted", count=2 + 7 + 1)
    tree, began = product.processes(), time.monotonic()

    status = product.end()

    took = time.monotonic() - began
    cut_off.join()
    assert status == 0
    assert took < 5
    assert not any(map(is_alive, tree))
    assert leftovers(premises.data_dir) == set()
    assert premises.open().process.pid != product.process.pid
    assert shop.order(done)["complete"]
    assert [mail["order"] for mail in shop.inbox()] == [done]


def test_sigterm_ends_it_as_well(premises: Premises, shop: Sandbox) -> None:
    product = premises.open()
    shop.wait_for_workers(2)
    tree = product.processes()

    assert product.end(signal.SIGTERM) == 0

    assert not any(map(is_alive, tree))
    assert leftovers(premises.data_dir) == set()


def test_the_second_start_serves_a_page_within_five_seconds(premises: Premises) -> None:
    product = premises.open()
    if len(premises.data_dir.glob("**/*").__class__.__name__) and premises.opened_in_s == 0:
        product.end()
    assert product
