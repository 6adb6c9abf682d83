"""Real workers held at barriers: they keep their lease, can be killed and frozen, and go on one by one."""

from __future__ import annotations

from typing import Any

from tests.product import Product, Sandbox, eventually
from tests.workers.scripts import Stage
from tests.workers.witness import adds_up


def test_a_held_worker_stands_before_each_action_and_is_shown_there(product: Product) -> None:
    stage = Stage.of(product, idempotency="claim_with_lease")
    sandbox, worker = stage.sandbox, stage.held("A")["worker"]
    shown = eventually(lambda: [w for w in sandbox.snapshot()["workers"] if w["name"] == worker and w["held_at"]])
    assert (shown[0]["state"], shown[0]["held_at"]) == ("busy", "claim:email")

    stage.act("A", "claim")
    put_off = stage.act("B", "claim")
    stage.act("A", "in")
    stage.act("A", "mark")
    acknowledged = stage.act("A", "ack")

    assert (put_off["type"], acknowledged["type"]) == ("MessagePutOff", "MessageAcknowledged")
    places = [event["place"] for event in stage.told("A", "WorkerHeld")]
    assert places == ["claim:email", "in:email", "mark:email", "before_ack"]
    assert [event["place"] for event in stage.told("A", "WorkerReleased")] == places
    sandbox.end_hold()
    ledger = sandbox.wait_until_done(1)["ledger"]
    assert adds_up(ledger)
    assert (ledger["lost"], ledger["duplicated"], len(sandbox.inbox())) == (0, 0, 1)
    assert sandbox.events("RetryScheduled") == [], "to be put off is no failure"
    sandbox.leave()


def test_a_held_worker_keeps_its_lease_however_long_and_goes_on_by_itself(sandbox: Sandbox) -> None:
    sandbox.change(visibility_timeout_s=2)
    sandbox.wait_for_workers(2)
    sandbox.hold("email", seconds=5)
    sandbox.place()

    sandbox.wait_until_done(1)

    [taken] = sandbox.events("MessageTaken")
    assert taken["attempt"] == 1
    assert [event["place"] for event in sandbox.events("WorkerHeld")] == ["in:email"], "then the hold is over"
    assert sandbox.events("MessageRedelivered") == []
    assert len(sandbox.wait_for("HoldEnded")) == len(sandbox.events("WorkerReleased")) == 1


def test_a_held_worker_can_be_frozen_and_killed(sandbox: Sandbox) -> None:
    sandbox.change(visibility_timeout_s=2, workers=1)
    sandbox.wait_for_workers(1)
    sandbox.hold("email", seconds=60)
    sandbox.place()
    [held] = sandbox.wait_for("WorkerHeld")

    frozen = sandbox.freeze(seconds=60, victim=held["worker"])
    sandbox.release(held["worker"])
    killed = sandbox.crash(victim=held["worker"])

    assert held["pid"] == frozen["pid"] == killed["pid"]
    again = sandbox.wait_for("WorkerHeld", 2)[1]
    assert (again["attempt"], again["place"]) == (2, "in:email")
    assert held_ones(sandbox) == {again["worker"]: "in:email"}
    sandbox.calm()
    assert sandbox.wait_until_done(1)["ledger"]["duplicated"] == 0


def test_a_sandbox_with_a_held_worker_can_be_deleted_and_its_workers_end(product: Product) -> None:
    sandbox = product.new_sandbox(speed=10)
    sandbox.hold("email", seconds=60)
    sandbox.place()
    [held] = sandbox.wait_for("WorkerHeld")

    sandbox.leave()

    eventually(lambda: held["pid"] not in {process.pid for process in product.processes()}, 10, "it has ended")


def held_ones(sandbox: Sandbox) -> dict[str, Any]:
    """Where each held worker stands, as the snapshot says."""
    return eventually(
        lambda: {w["name"]: w["held_at"] for w in sandbox.snapshot()["workers"] if w["held_at"]}, what="somebody stands"
    )
