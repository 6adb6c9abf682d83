"""Every visitor's lab is her own, costs nothing while it is idle, and is as it was after calm."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.product import Product, Sandbox, eventually
from tests.workers.back_of_house import BackOfHouse
from tests.workers.witness import adds_up, at
from workers import audit, sandboxes, tables


def test_two_sandboxes_never_see_each_other(product: Product, sandbox: Sandbox) -> None:
    other = product.new_sandbox(speed=10)
    mine, hers = sandbox.place(email="ada@example.com"), other.place(email="grace@example.com")
    sandbox.wait_until_done(1)
    other.wait_until_done(1)

    assert [mail["to"] for mail in sandbox.inbox()] == ["ada@example.com"]
    assert [mail["to"] for mail in other.inbox()] == ["grace@example.com"]
    assert {event["order"] for event in sandbox.events("StepFinished")} == {mine["id"]}
    assert {event["sequence"] for event in sandbox.events()} & {event["sequence"] for event in other.events()} == set()
    workers = [{worker["pid"] for worker in each.living_workers()} for each in (sandbox, other)]
    assert workers[0] & workers[1] == set()
    assert hers["id"] == mine["id"], "each counts its own orders"
    other.leave()


@pytest.mark.timed
def test_an_idle_sandbox_holds_no_worker_and_its_first_act_brings_them_back(product: Product, sandbox: Sandbox) -> None:
    sandbox.place()
    sandbox.wait_until_done(1)
    sandbox.wait_for_workers(2)
    idle_for_minutes(product, sandbox, 6)

    eventually(lambda: sandbox.snapshot()["workers"] == [], 20)
    assert len(sandbox.events("WorkerStopped")) == 2
    assert sandbox.events("WorkerCrashed") == []
    acted_at = datetime.now(UTC)
    sandbox.place()

    started = sandbox.wait_for("WorkerStarted", count=4)[2:]
    assert min((at(event) - acted_at).total_seconds() for event in started) < 2
    assert sandbox.wait_until_done(2)["ledger"]["placed"] == 2, "what she did is still there"


def test_a_sandbox_with_an_open_message_is_not_idle(house: BackOfHouse) -> None:
    sandbox = house.sandbox
    message = house.place()
    house.age(tables.sandboxes, by_s=sandboxes.IDLE_AFTER_S + 1)

    sandboxes.send_idle_ones_to_sleep(audit.busy_sandboxes())
    assert sandboxes.wished_workers() == {sandbox: 2}
    house.acknowledge(message)
    house.age(tables.outbox, by_s=10)
    audit.find_orphans(house.broker, set())
    sandboxes.send_idle_ones_to_sleep(audit.busy_sandboxes())

    assert sandboxes.wished_workers() == {}


def test_adding_workers_takes_up_what_waited(sandbox: Sandbox) -> None:
    sandbox.wait_for_workers(2)  # before they are born there are none either
    sandbox.change(workers=0)
    eventually(lambda: sandbox.snapshot()["workers"] == [])
    for _ in range(4):
        sandbox.place()
    eventually(lambda: sandbox.snapshot()["queues"]["checkout"]["depth"] == 4)
    assert sandbox.snapshot()["ledger"]["waiting"] == 4

    sandbox.change(workers=4)

    sandbox.wait_until_done(4)
    assert len({event["worker"] for event in sandbox.events("MessageTaken")}) > 1


def test_taking_workers_away_loses_nothing_and_interrupts_nobody(sandbox: Sandbox) -> None:
    sandbox.change(workers=3)
    sandbox.wait_for_workers(3)
    for _ in range(4):
        sandbox.place()
    sandbox.wait_for("StepStarted", count=5)

    sandbox.change(workers=0)

    eventually(lambda: sandbox.snapshot()["workers"] == [])
    ledger = sandbox.snapshot()["ledger"]
    assert adds_up(ledger)
    assert (ledger["placed"], ledger["running"]) == (4, 0)
    assert ledger["done"] + ledger["waiting"] == 4
    sandbox.change(workers=1)
    sandbox.wait_until_done(4)
    assert sandbox.events("WorkerCrashed", "MessageRedelivered") == []


def test_who_leaves_a_lab_keeps_what_she_set_herself(house: BackOfHouse) -> None:
    sandboxes.change(house.sandbox, {"speed": 4, "workers": 3})
    sandboxes.change(house.sandbox, {"speed": 10, "request_slots": 2}, by="lab")

    sandboxes.leave_lab(house.sandbox)

    left = sandboxes.settings_of(house.sandbox)
    assert (left["speed"], left["request_slots"], left["workers"]) == (1, 64, 3)


@pytest.mark.timed
def test_calm_brings_everything_back_within_three_seconds(sandbox: Sandbox) -> None:
    defaults = {
        "workers": 2,
        "speed": 1,
        "acknowledge": "late",
        "visibility_timeout_s": 8,
        "attempts": 3,
        "deaths": 5,
        "backoff": "exponential",
        "idempotency": "off",
        "partner": "up",
        "webhook_timeout_s": 15,
        "circuit_breaker": False,
        "request_slots": 64,
    }
    sandbox.change(workers=5, visibility_timeout_s=3, idempotency="receiver")
    sandbox.wait_for_workers(5)
    sandbox.crash(at="before:email")
    sandbox.flood(per_second=1, seconds=30)
    began = time.monotonic()

    sandbox.calm()

    sandbox.wait_for_workers(2, within_s=3)
    assert sandbox.snapshot()["settings"] == defaults
    sandbox.wait_for("FloodEnded", within_s=3)
    assert time.monotonic() - began < 3 + 0.5
    sandbox.change(speed=10)
    sandbox.place()
    sandbox.wait_until_done(1)
    assert sandbox.events("WorkerCrashed") == [], "the armed crash is disarmed"


def idle_for_minutes(product: Product, sandbox: Sandbox, minutes: int) -> None:
    """Let the last act of the visitor be that long ago."""
    then = (datetime.now(UTC) - timedelta(minutes=minutes)).replace(tzinfo=None).isoformat(sep=" ")
    with closing(sqlite3.connect(product.data_dir / "ticketwheel.sqlite3", timeout=10)) as db:
        db.execute("UPDATE sandboxes SET acted_at = ? WHERE id = ?", [then, sandbox.id])
        db.commit()
