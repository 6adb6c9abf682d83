"""What acknowledging early loses, and what late work does twice: with real workers, real signals, at named places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest

from tests.product import Product, Sandbox, eventually
from tests.workers.witness import adds_up, at, effects
from workers.fleet import PLACES

Looks = Callable[[Product, Sandbox], None]
TWENTY = pytest.mark.parametrize("runs", [1, pytest.param(20, marks=[pytest.mark.soak, pytest.mark.timeout(900)])])
TABLES = ("emails", "receipts", "analytics", "deliveries", "audit_log", "loyalty_points")
LEASE_S = 2


@TWENTY
def test_early_and_killed_before_the_email_is_lost(product: Product, runs: int) -> None:
    for _ in range(runs):
        with lab(product, acknowledge="early") as sandbox:
            crash = kill_at(sandbox, "before:email")

            ledger = eventually(lambda: lost(sandbox), what="one lost")
            passes(LEASE_S + 1, since=at(crash))
            assert [event["type"] for event in sandbox.events("MessageTaken", "MessageAcknowledged")] == [
                "MessageTaken",
                "MessageAcknowledged",
            ]
            assert sandbox.events("MessageRedelivered", "RetryScheduled", "MessageDeadLettered") == []
            assert (crash["back_at"], sandbox.inbox()) == (None, [])
            assert (ledger["placed"], ledger["done"]) == (1, 0)
            assert sandbox.change()["ledger"] == ledger


@TWENTY
def test_late_and_killed_before_the_email_is_delivered_again(product: Product, runs: int) -> None:
    for _ in range(runs):
        with lab(product) as sandbox:
            crash = kill_at(sandbox, "before:email")

            [redelivered] = sandbox.wait_for("MessageRedelivered")
            assert timedelta(seconds=-0.1) < at(redelivered) - datetime.fromisoformat(crash["back_at"])
            ledger = sandbox.wait_until_done(1)["ledger"]
            assert adds_up(ledger)
            assert (ledger["lost"], ledger["duplicated"], len(sandbox.inbox())) == (0, 0, 1)


@TWENTY
def test_killed_at_every_place_a_receiver_has_one_effect_of_each(product: Product, runs: int) -> None:
    places = PLACES[1:]
    for _ in range(runs):
        with lab(product, workers=6, idempotency="receiver") as sandbox:
            sandbox.wait_for_workers(6)
            for place in places:
                sandbox.crash(at=place)
            placed = [sandbox.place()["id"] for _ in range(6)]

            sandbox.wait_for("WorkerCrashed", count=len(places), within_s=60)
            ledger = sandbox.wait_until_done(len(placed))["ledger"]

            assert adds_up(ledger)
            assert (ledger["lost"], ledger["duplicated"]) == (0, 0)
            for table in TABLES:
                assert Counter(effects(product, table, sandbox)) == Counter(placed), table


@pytest.mark.parametrize(("idempotency", "emails"), [("off", 2), ("receiver", 1)])
@TWENTY
def test_a_lease_that_nobody_renews_is_delivered_twice_while_the_first_still_works(
    product: Product, idempotency: str, emails: int, runs: int
) -> None:
    for _ in range(runs):
        with lab(product, lease_renewal=False, speed=4, idempotency=idempotency) as sandbox:
            order = sandbox.place()["id"]
            first, second = sandbox.wait_for("MessageTaken", count=2)
            sandbox.change(lease_renewal=True)  # for the third, which is the last one

            last = eventually(lambda: finished(sandbox, first["worker"], "loyalty"), 20)  # noqa: B023
            assert (first["renewed"], second["renewed"], first["attempt"], second["attempt"]) == (False, False, 1, 2)
            assert first["worker"] != second["worker"]
            assert at(second) - at(first) >= timedelta(seconds=LEASE_S - 0.1)
            assert last["sequence"] > second["sequence"], "the first still worked when the second began"
            ledger = sandbox.wait_until_done(1)["ledger"]
            assert adds_up(ledger)
            assert ledger["lost"] == 0
            eventually(lambda: all(worker["state"] == "idle" for worker in sandbox.snapshot()["workers"]), 20)
            attempts = len(sandbox.events("MessageTaken"))
            assert Counter(effects(product, "emails", sandbox)) == {order: attempts if emails > 1 else 1}
            [acknowledged] = sandbox.events("MessageAcknowledged")
            assert acknowledged["attempt"] == attempts, "only the last delivery has a say"


@TWENTY
def test_who_was_frozen_at_a_place_goes_on_from_there_and_has_no_say(product: Product, runs: int) -> None:
    for _ in range(runs):
        with lab(product) as sandbox:
            armed = sandbox.freeze(seconds=60, at="after:email")
            assert (armed["worker"], armed["pid"], armed["until"], armed["at"]) == (None, None, None, "after:email")
            sandbox.place()
            [frozen] = sandbox.wait_for("WorkerFrozen")
            assert psutil.Process(frozen["pid"]).status() == psutil.STATUS_STOPPED
            [acknowledged] = sandbox.wait_for("MessageAcknowledged")
            assert (acknowledged["worker"] != frozen["worker"], acknowledged["attempt"]) == (True, 2)
            mine = [event["step"] for event in of_worker(sandbox, frozen["worker"])]
            assert mine == ["email", "email"], "it stands after its first step"

            sandbox.thaw()

            eventually(lambda: finished(sandbox, frozen["worker"], "loyalty"))  # noqa: B023
            steps = [event["step"] for event in of_worker(sandbox, frozen["worker"])]
            assert steps.count("email") == 2, "it does not begin again"
            assert steps[2:4] == ["pdf", "pdf"]
            eventually(lambda: all(worker["state"] == "idle" for worker in sandbox.snapshot()["workers"]))
            assert sandbox.events("MessageAcknowledged") == [acknowledged]
            ledger = sandbox.wait_until_done(1)["ledger"]
            assert adds_up(ledger)
            assert (ledger["lost"], ledger["duplicated"], len(sandbox.inbox())) == (0, 1, 2)


def test_what_was_acknowledged_early_is_running_as_long_as_its_worker_lives(product: Product) -> None:
    with lab(product, acknowledge="early") as sandbox:
        sandbox.freeze(seconds=60, at="after:pdf")
        order = sandbox.place()["id"]
        [frozen] = sandbox.wait_for("WorkerFrozen")
        passes(LEASE_S + 1, since=at(frozen))

        snapshot = sandbox.change()

        assert counts(snapshot["ledger"]) == {"placed": 1, "running": 1}
        [worker] = [worker for worker in snapshot["workers"] if worker["order"]]
        shown = ("name", "state", "order", "step", "attempt", "lease_until", "acknowledged")
        assert [worker[name] for name in shown] == [frozen["worker"], "frozen", order, "pdf", 1, None, True]
        sandbox.thaw()
        assert counts(sandbox.wait_until_done(1)["ledger"]) == {"placed": 1, "done": 1}
        assert len(sandbox.events("MessageTaken")) == 1


def test_what_was_acknowledged_early_and_fails_is_lost_at_once(product: Product) -> None:
    with lab(product, acknowledge="early", partner="down") as sandbox:
        order = sandbox.place()["id"]

        [abandoned] = sandbox.wait_for("MessageAbandoned")

        assert (abandoned["order"], abandoned["step"]) == (order, "webhook")
        assert counts(eventually(lambda: lost(sandbox))) == {"placed": 1, "lost": 1}
        assert sandbox.events("RetryScheduled", "MessageDeadLettered", "MessageRedelivered") == []
        sandbox.change(partner="up")
        sandbox.place()
        assert counts(sandbox.wait_until_done(1)["ledger"]) == {"placed": 2, "done": 1, "lost": 1}


@contextmanager
def lab(product: Product, **settings: Any) -> Iterator[Sandbox]:
    """Two fast workers with a short lease."""
    sandbox = product.new_sandbox(**{"speed": 10, "visibility_timeout_s": LEASE_S} | settings)
    sandbox.wait_for_workers(int(settings.get("workers", 2)))
    yield sandbox
    sandbox.leave()


def kill_at(sandbox: Sandbox, place: str) -> dict[str, Any]:
    """Place an order, and kill its worker there; what the record says of that death."""
    sandbox.crash(at=place)
    order = sandbox.place()["id"]
    [crash] = sandbox.wait_for("WorkerCrashed")
    assert (crash["signal"], crash["order"]) == ("SIGKILL", order)
    return crash


def lost(sandbox: Sandbox) -> dict[str, int]:
    """The ledger, as soon as it has one order lost."""
    ledger: dict[str, int] = sandbox.snapshot()["ledger"]
    assert adds_up(ledger)
    return ledger if ledger["lost"] else {}


def counts(ledger: dict[str, int]) -> dict[str, int]:
    """What of the ledger is not zero."""
    assert adds_up(ledger)
    return {name: count for name, count in ledger.items() if count}


def passes(seconds: float, since: datetime) -> None:
    """Let that much time have passed since a moment in the record."""
    eventually(lambda: datetime.now(UTC) - since > timedelta(seconds=seconds))


def of_worker(sandbox: Sandbox, worker: str) -> list[dict[str, Any]]:
    """The beginnings and ends of steps of one worker."""
    return [event for event in sandbox.events("StepStarted", "StepFinished") if event["worker"] == worker]


def finished(sandbox: Sandbox, worker: str, step: str) -> dict[str, Any]:
    ends = [event for event in of_worker(sandbox, worker) if event["type"] == "StepFinished"]
    return next((event for event in ends if event["step"] == step), {})
