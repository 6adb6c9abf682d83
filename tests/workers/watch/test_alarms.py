"""Each alert fires when its fault is caused in the running product, and is resolved when the fault is mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.product import Product, Sandbox, eventually
from workers.watch.alerts import RULES

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


def a_dead_letter(_: Product, sandbox: Sandbox) -> Callable[[], object]:
    assert sandbox.http.post(sandbox.url("/poison"), json={}).status_code == 202
    return lambda: sandbox.http.delete(sandbox.url("/dead-letters"), params={"all": "true"})


def a_crash(_: Product, sandbox: Sandbox) -> Callable[[], object]:
    sandbox.wait_for_workers(2)
    sandbox.crash()
    return lambda: None  # another worker is there already


def a_silence(_: Product, sandbox: Sandbox) -> Callable[[], object]:
    sandbox.freeze(seconds=60)
    return sandbox.thaw


SETTINGS: dict[str, dict[str, Any]] = {
    "QueueGrowing": {"workers": 0},
    "OldestTooOld": {"workers": 0},
    "NothingTaken": {"workers": 0},
    "DeadLetters": {"attempts": 1},
}
CAUSES: dict[str, Callable[[Product, Sandbox], Callable[[], object]]] = {
    "QueueGrowing": a_flood,
    "OldestTooOld": nobody_works,
    "DeadLetters": a_dead_letter,
    "WorkerDied": a_crash,
    "NothingTaken": nobody_works,
    "WorkerSilent": a_silence,
}
