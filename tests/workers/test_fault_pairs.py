"""Two faults at once, and the calm after them: everything is as before, and nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import combinations
from typing import Any

import psutil
import pytest

from tests.product import Sandbox, eventually
from tests.workers.witness import adds_up

FAULTS: dict[str, Callable[[Sandbox], object]] = {
    "early": lambda sandbox: sandbox.change(acknowledge="early"),
    "crash": lambda sandbox: sandbox.crash(),
    "armed crash": lambda sandbox: sandbox.crash(at="after:audit"),
    "freeze": lambda sandbox: sandbox.freeze(seconds=60),
    "flood": lambda sandbox: sandbox.flood(per_second=4, seconds=30),
    "outage": lambda sandbox: sandbox.break_partner("down", seconds=120),
    "setting": lambda sandbox: sandbox.change(partner="flaky", workers=5, visibility_timeout_s=2),
    "wipe": lambda sandbox: sandbox.wipe(),
    "no renewal": lambda sandbox: sandbox.change(lease_renewal=False, visibility_timeout_s=2),
    "armed freeze": lambda sandbox: sandbox.freeze(seconds=60, at="after:email"),
    "poison": lambda sandbox: post(sandbox, "/poison"),
    "duplicate": lambda sandbox: post(sandbox, "/duplicates", order=sandbox.place()["id"]),
    "no outbox": lambda sandbox: sandbox.change(handover="commit_then_enqueue"),
    "armed checkout": lambda sandbox: sandbox.crash("between", "checkout"),
}
QUICK = [("early", "freeze"), ("freeze", "wipe"), ("no renewal", "armed freeze")]
# Whoever is killed or fails after that loses what was acknowledged; of a flood, the order of one checkout can be lost.
MAY_LOSE = {"early": 3, "no outbox": 1}
PAIRS = [pair if pair in QUICK else pytest.param(pair, marks=pytest.mark.soak) for pair in combinations(FAULTS, 2)]


@pytest.mark.parametrize("pair", [*QUICK, *[pair for pair in PAIRS if pair not in QUICK]], ids=str)
def test_after_any_two_faults_calm_restores_everything_and_nothing_is_lost(
    sandbox: Sandbox, pair: tuple[str, str]
) -> None:
    suffer(sandbox, *pair)


def test_after_all_faults_at_once_calm_restores_everything(sandbox: Sandbox) -> None:
    suffer(sandbox, *FAULTS)


def suffer(sandbox: Sandbox, *faults: str) -> None:
    """Let the faults hit a sandbox at work, calm it, and look whether all is well."""
    sandbox.change(workers=3)
    before = sandbox.wait_for_workers(3)
    defaults = sandbox.snapshot()["settings"] | {"workers": 2, "speed": 1}
    for _ in range(3):
        sandbox.place()
    for fault in faults:
        FAULTS[fault](sandbox)
    began = time.monotonic()

    sandbox.calm()

    workers = eventually(lambda: two_that_go_on(sandbox), 3, "two workers, none of them frozen")
    assert {psutil.Process(worker["pid"]).status() for worker in workers} & {psutil.STATUS_STOPPED} == set()
    assert all(psutil.Process(pid).status() != psutil.STATUS_STOPPED for pid in still_there(before))
    assert sandbox.change()["settings"] == defaults
    eventually(lambda: counts(sandbox, "FloodStarted", "FloodEnded"), 3)
    assert counts(sandbox, "OutageStarted", "OutageEnded")
    assert time.monotonic() - began < 3 + 0.5
    sandbox.change(speed=10)
    ledger = eventually(lambda: when_all_is_over(sandbox), 60, "every order is done")
    assert adds_up(ledger)
    assert ledger["lost"] <= sum(MAY_LOSE.get(fault, 0) for fault in faults)


def post(sandbox: Sandbox, part: str, **fields: Any) -> None:
    assert sandbox.http.post(sandbox.url(part), json=fields).status_code == 202


def two_that_go_on(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The workers, once there are as many as by default and each of them is idle or at work."""
    workers = sandbox.living_workers()
    return workers if len(workers) == 2 and {worker["state"] for worker in workers} <= {"idle", "busy"} else []


def still_there(workers: list[dict[str, int]]) -> list[int]:
    return [worker["pid"] for worker in workers if psutil.pid_exists(worker["pid"])]


def counts(sandbox: Sandbox, began: str, ended: str) -> bool:
    """What began has ended as often."""
    return len(sandbox.events(began)) == len(sandbox.events(ended))


def when_all_is_over(sandbox: Sandbox) -> dict[str, int]:
    ledger: dict[str, int] = sandbox.change()["ledger"]
    over = ledger["done"] + ledger["dead"] + ledger["lost"] == ledger["placed"]
    # nothing but the poison can be dead
    return ledger if ledger["placed"] >= 3 and over and ledger["dead"] <= 1 else {}
