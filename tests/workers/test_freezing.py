"""A frozen worker lives and does nothing: its message goes to another, and its own late word changes nothing."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.product import Product, Sandbox, eventually, running
from tests.workers.witness import adds_up, at, effects


def test_a_frozen_process_is_stopped_and_goes_on_by_itself(sandbox: Sandbox) -> None:
    sandbox.wait_for_workers(2)

    frozen = sandbox.freeze(seconds=1)

    assert frozen["signal"] == "SIGSTOP"
    assert status(frozen["pid"]) == psutil.STATUS_STOPPED
    until = datetime.fromisoformat(frozen["until"])
    [said] = sandbox.wait_for("WorkerFrozen")
    assert (said["worker"], said["pid"]) == (frozen["worker"], frozen["pid"])
    [thawed] = sandbox.wait_for("WorkerThawed")
    assert thawed["pid"] == frozen["pid"]
    assert timedelta(seconds=-0.1) < at(thawed) - until < timedelta(seconds=1)
    eventually(lambda: status(frozen["pid"]) != psutil.STATUS_STOPPED)
    sandbox.place()
    sandbox.wait_until_done(1)


def test_a_frozen_workers_message_is_finished_by_another_and_the_ledger_adds_up(sandbox: Sandbox) -> None:
    late, other = freeze_at_work(sandbox)
    sandbox.change(speed=10)
    [redelivered] = sandbox.wait_for("MessageRedelivered")
    assert redelivered["reason"] == "lease expired"
    assert sandbox.wait_until_done(1)["ledger"]["duplicated"] <= 1
    shown = worker_named(sandbox, late)
    assert (shown["state"], shown["process"], shown["alive"], shown["lease_until"]) == ("frozen", "stopped", True, None)
    assert shown["order"] == redelivered["order"], "it still holds it in its own mind"
    assert shown["thaws_at"]
    assert shown["heartbeat_age_s"] > 1.5

    sandbox.thaw()

    sandbox.wait_for("WorkerThawed")
    last = eventually(lambda: finished(sandbox, late, "loyalty"), 20)
    assert last["attempt"] == 1
    [acknowledged] = sandbox.events("MessageAcknowledged")
    assert (acknowledged["worker"], acknowledged["attempt"]) == (other, 2)
    eventually(lambda: worker_named(sandbox, late)["state"] == "idle")
    ledger = sandbox.wait_until_done(1)["ledger"]
    assert adds_up(ledger)
    assert (ledger["placed"], ledger["done"], ledger["lost"], ledger["duplicated"]) == (1, 1, 0, 1)
    assert len(sandbox.events("MessageRedelivered")) == 1, "it is not delivered for ever"
    sandbox.place()
    sandbox.wait_until_done(2)


def test_who_comes_back_while_another_is_at_it_does_not_take_it_away(sandbox: Sandbox) -> None:
    late, other = freeze_at_work(sandbox, at_step=5)
    sandbox.wait_for("MessageRedelivered")
    started = sandbox.wait_for("StepStarted", count=2 + 5 + 1)[-1]
    assert (started["worker"], started["attempt"]) == (other, 2)

    sandbox.thaw()  # it has a head start, and finishes first

    eventually(lambda: finished(sandbox, late, "loyalty"), 20)
    assert not finished(sandbox, other, "webhook")
    assert worker_named(sandbox, other)["state"] == "busy"
    [acknowledged] = sandbox.wait_for("MessageAcknowledged", within_s=30)
    assert (acknowledged["worker"], acknowledged["attempt"]) == (other, 2)
    ledger = sandbox.wait_until_done(1)["ledger"]
    assert (ledger["lost"], ledger["duplicated"]) == (0, 1)


def test_who_comes_back_before_another_took_it_has_done_it(sandbox: Sandbox) -> None:
    sandbox.change(workers=1)
    sandbox.wait_for_workers(1)
    late, _ = freeze_at_work(sandbox, workers=1)
    sandbox.wait_for("MessageRedelivered")
    eventually(lambda: sandbox.snapshot()["queues"]["checkout"]["depth"] == 1)

    sandbox.thaw()

    [acknowledged] = sandbox.wait_for("MessageAcknowledged", within_s=30)
    assert (acknowledged["worker"], acknowledged["attempt"]) == (late, 1)
    snapshot = sandbox.wait_until_done(1)
    assert (snapshot["ledger"]["duplicated"], snapshot["queues"]["checkout"]["depth"]) == (0, 0)
    assert len(sandbox.events("MessageTaken")) == 1


def test_what_an_idle_frozen_worker_is_handed_goes_to_another(sandbox: Sandbox) -> None:
    first, other = sandbox.wait_for_workers(2)
    sandbox.freeze(seconds=60, victim=first["name"])

    for _ in range(4):
        sandbox.place()

    sandbox.wait_until_done(4)
    assert {taken["worker"] for taken in sandbox.events("MessageTaken")} == {other["name"]}
    sandbox.thaw()
    sandbox.wait_for("WorkerThawed")
    sandbox.place()
    ledger = sandbox.wait_until_done(5)["ledger"]
    assert (ledger["lost"], ledger["duplicated"]) == (0, 0)


def test_a_frozen_worker_can_be_killed(sandbox: Sandbox) -> None:
    sandbox.wait_for_workers(2)
    frozen = sandbox.freeze(seconds=60)

    killed = sandbox.crash(victim=frozen["worker"])

    assert killed["pid"] == frozen["pid"]
    sandbox.wait_for("WorkerCrashed")
    eventually(lambda: not psutil.pid_exists(frozen["pid"]))
    sandbox.wait_for_workers(2)
    assert sandbox.events("WorkerThawed") == []


def test_a_frozen_worker_can_be_sent_home(sandbox: Sandbox) -> None:
    sandbox.wait_for_workers(2)
    frozen = [sandbox.freeze(seconds=60)["pid"] for _ in range(2)]

    sandbox.change(workers=0)

    stopped = sandbox.wait_for("WorkerStopped", count=2)
    assert {event["pid"] for event in stopped} == set(frozen)
    assert sandbox.events("WorkerCrashed") == []
    assert len(sandbox.events("WorkerThawed")) == 2


def test_deleting_a_sandbox_takes_its_frozen_workers_along(product: Product) -> None:
    sandbox = product.new_sandbox(speed=10)
    sandbox.wait_for_workers(2)
    frozen = sandbox.freeze(seconds=60)["pid"]

    sandbox.leave()

    eventually(lambda: not psutil.pid_exists(frozen))


@pytest.mark.soak
def test_workers_in_the_middle_of_their_writing_are_never_stopped_there(product: Product, sandbox: Sandbox) -> None:
    """Stopped inside a transaction, one worker would stop every customer of the house."""
    sandbox.change(workers=6)
    sandbox.wait_for_workers(6)
    other = product.new_sandbox(speed=10)

    with ThreadPoolExecutor(8) as customers:
        placed = [customers.submit(sandbox.place) for _ in range(40)]
        for _ in range(12):
            sandbox.freeze(seconds=2)
            other.place(email="grace@example.com")
            sandbox.thaw()
        assert all(customer.result()["waited_s"] < 5 for customer in placed)

    waits = [order["waited_s"] for order in other.events("CustomerAnswered")]
    assert max(waits) < 1.5, "a frozen worker holds two seconds, and nobody waits for it"
    sandbox.wait_until_done(40)
    other.leave()


@pytest.mark.soak
def test_fifty_freezes_at_random_moments_lose_nothing(product: Product, sandbox: Sandbox) -> None:
    sandbox.change(workers=6, visibility_timeout_s=2, idempotency="receiver")
    sandbox.wait_for_workers(6)
    with ThreadPoolExecutor(20) as customers:
        placed = [customers.submit(sandbox.place) for _ in range(150)]
        for number in range(50):
            eventually(lambda done=number * 2: sandbox.snapshot()["ledger"]["done"] >= done, 60)  # type: ignore[misc]
            sandbox.freeze(seconds=4)
        for customer in placed:
            customer.result()

    ledger = sandbox.wait_until_done(150, within_s=120)["ledger"]
    assert adds_up(ledger)
    assert (ledger["placed"], ledger["lost"], ledger["duplicated"]) == (150, 0, 0)
    assert sorted(effects(product, "emails", sandbox)) == sorted(set(effects(product, "emails", sandbox)))


@pytest.mark.soak
def test_frozen_workers_outlive_neither_their_supervisor_nor_the_product(tmp_path: Path) -> None:
    with running(tmp_path) as product:
        sandbox = product.new_sandbox(speed=10)
        sandbox.wait_for_workers(2)
        frozen = sandbox.freeze(seconds=60)["pid"]
        sandbox.break_partner("down", seconds=1)
        product.process_of("workers.supervisor").kill()
        eventually(lambda: not psutil.pid_exists(frozen))
        sandbox.wait_for("WorkerStarted", count=4)
        sandbox.wait_for("OutageEnded")
        sandbox.place()
        sandbox.wait_until_done(1)

        sandbox.freeze(seconds=60)
        processes = product.processes()
        sandbox.http.close()
        began = datetime.now(UTC)
        product.end(signal.SIGINT)

        assert datetime.now(UTC) - began < timedelta(seconds=5)
        assert [process for process in processes if process.is_running()] == []


def freeze_at_work(sandbox: Sandbox, workers: int = 2, at_step: int = 1) -> tuple[str, str]:
    """Freeze the only worker that works, at a step of its own; its name, and that of another."""
    names = [worker["name"] for worker in sandbox.wait_for_workers(workers)]
    sandbox.change(speed=2, visibility_timeout_s=2)
    sandbox.place()
    began = sandbox.wait_for("StepStarted", count=2 + at_step)[-1]
    frozen = sandbox.freeze(seconds=60)
    assert frozen["worker"] == began["worker"], "the busy one"
    return frozen["worker"], next((name for name in names if name != frozen["worker"]), "")


def finished(sandbox: Sandbox, worker: str, step: str) -> dict[str, Any]:
    """How that worker finished that step; nothing if it has not."""
    return next((e for e in sandbox.events("StepFinished") if (e["worker"], e["step"]) == (worker, step)), {})


def worker_named(sandbox: Sandbox, name: str) -> dict[str, Any]:
    worker: dict[str, Any] = next(worker for worker in sandbox.snapshot()["workers"] if worker["name"] == name)
    return worker


def status(pid: int) -> str:
    return str(psutil.Process(pid).status())
