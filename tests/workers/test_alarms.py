"""Each alert fires when its fault is caused in the running product, and is resolved when the fault is mended."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from tests.product import Product, Sandbox, eventually
from workers.alerts import RULES

SOON_S = 30


@dataclass
class Fault:
    """A sandbox in which something is wrong, and what mends it."""

    sandbox: Sandbox
    mend: Callable[[], object]


@pytest.fixture(scope="module")
def faults(product: Product) -> Iterator[dict[str, Fault]]:
    """Every fault in a sandbox of its own, all at once, because alerts take their time."""
    rules = [rule.name for rule in RULES]
    sandboxes = {rule: product.new_sandbox(speed=10, **SETTINGS.get(rule, {})) for rule in rules}
    yield {rule: Fault(sandbox, CAUSES[rule](product, sandbox)) for rule, sandbox in sandboxes.items()}
    for sandbox in sandboxes.values():
        sandbox.leave()


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_an_alert_fires_with_its_fault_and_is_resolved_without_it(faults: dict[str, Fault], rule: str) -> None:
    fault = faults[rule]

    eventually(lambda: said(fault.sandbox, "AlertFired", rule), SOON_S, f"{rule} fires")
    fault.mend()

    eventually(lambda: said(fault.sandbox, "AlertResolved", rule), SOON_S, f"{rule} is resolved")
    assert said(fault.sandbox, "AlertFired", rule) == 1


def said(sandbox: Sandbox, event: str, rule: str) -> int:
    return sum(each["rule"] == rule for each in sandbox.events(event))


def nobody_works(_: Product, sandbox: Sandbox) -> Callable[[], object]:
    sandbox.place()
    return lambda: sandbox.change(workers=2)


def a_flood(_: Product, sandbox: Sandbox) -> Callable[[], object]:
    sandbox.flood(per_second=4, seconds=8)
    return lambda: sandbox.change(workers=4)


def a_dead_letter(product: Product, sandbox: Sandbox) -> Callable[[], object]:
    moments = {"first_failed_at": "2026-01-01 00:00:00.000000", "dead_at": "2026-01-01 00:00:00.000000"}
    row = {"message": sandbox.id, "sandbox": sandbox.id, "order": 1, "error_group": "g", "error": "e", "traceback": "t"}
    values = {**row, **moments, "attempts": 3}
    names, marks = ", ".join(f'"{name}"' for name in values), ", ".join("?" * len(values))
    write(product, f"INSERT INTO dead_letters ({names}) VALUES ({marks})", *values.values())
    return lambda: write(product, "DELETE FROM dead_letters WHERE sandbox = ?", sandbox.id)


def write(product: Product, statement: str, *values: Any) -> None:
    with closing(sqlite3.connect(product.data_dir / "ticketwheel.sqlite3", timeout=20)) as db, db:
        db.execute(statement, values)


def a_crash(_: Product, sandbox: Sandbox) -> Callable[[], object]:
    sandbox.wait_for_workers(2)
    sandbox.crash()
    return lambda: None  # another worker is there already


def a_silence(_: Product, sandbox: Sandbox) -> Callable[[], object]:
    """An idle worker is stopped: it holds nothing that others need."""
    worker = psutil.Process(sandbox.wait_for_workers(2)[0]["pid"])
    eventually(lambda: worker.status() == psutil.STATUS_SLEEPING, 10, "the worker is idle")
    worker.send_signal(signal.SIGSTOP)
    return lambda: worker.send_signal(signal.SIGCONT)


SETTINGS = {"QueueGrowing": {"workers": 0}, "OldestTooOld": {"workers": 0}, "NothingTaken": {"workers": 0}}
CAUSES: dict[str, Callable[[Product, Sandbox], Callable[[], object]]] = {
    "QueueGrowing": a_flood,
    "OldestTooOld": nobody_works,
    "DeadLetters": a_dead_letter,
    "WorkerDied": a_crash,
    "NothingTaken": nobody_works,
    "WorkerSilent": a_silence,
}
