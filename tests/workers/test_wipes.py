"""The broker forgets all of one sandbox, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.product import Product, Sandbox, eventually
from tests.workers.back_of_house import BackOfHouse
from tests.workers.witness import adds_up, effects
from workers import fleet, outbox, places, reaper, sandboxes, wipes


def test_a_wipe_is_a_delay_and_not_a_loss(product: Product, sandbox: Sandbox) -> None:
    sandbox.change(idempotency="receiver", visibility_timeout_s=4, speed=4)
    orders = [sandbox.place()["id"] for _ in range(6)]
    sandbox.wait_for("MessageTaken", count=2)

    forgotten = sandbox.wipe()

    [wiped] = sandbox.events("BrokerWiped")
    assert wiped["messages"] == forgotten >= 4
    ledger = sandbox.wait_until_done(6)["ledger"]
    assert adds_up(ledger)
    assert (ledger["placed"], ledger["lost"], ledger["duplicated"]) == (6, 0, 0)
    assert Counter(effects(product, "emails", sandbox)) == Counter(orders)
    assert sandbox.events("WorkerCrashed", "WorkerStopped") == []
    assert {event["reason"] for event in sandbox.events("MessageRedelivered")} == {"orphaned"}
    eventually(lambda: sandbox.snapshot()["queues"]["checkout"]["depth"] == 0)


def test_work_that_is_done_is_closed_although_the_broker_forgot_it(sandbox: Sandbox) -> None:
    sandbox.place()
    sandbox.wait_for("StepStarted", count=2 + 5)

    assert sandbox.wipe() == 1

    [acknowledged] = sandbox.wait_for("MessageAcknowledged", within_s=3)
    assert acknowledged["attempt"] == 1
    assert sandbox.wait_until_done(1)["ledger"]["duplicated"] == 0
    assert sandbox.events("MessageRedelivered") == []
    sandbox.place()
    sandbox.wait_until_done(2)


def test_everything_of_this_sandbox_goes_and_nothing_of_another(house: BackOfHouse) -> None:
    other = BackOfHouse(house.broker, sandboxes.create())
    for each in (other, house):
        fleet.born(each.sandbox, "w1", f"rq-{each.sandbox}", 4242, "supervisor")
        each.lease(each.place(), f"rq-{each.sandbox}")
        each.pull(each.place(), f"rq-{each.sandbox}")
        for name in ("scheduled", "failed"):
            each.broker.zadd(f"rq:{name}:{each.sandbox}:checkout", {f"{each.sandbox}-9{len(name)}": 1.0})
        each.place()
    mine = {key for key in keys(house) if house.sandbox in key}
    hers = keys(house) - mine

    assert wipes.wipe(house.sandbox) == 5

    assert keys(house) == hers
    assert wipes.wipe(house.sandbox) == 0


def test_a_wipe_of_many_messages_is_quick(house: BackOfHouse) -> None:
    queue = f"rq:queue:{house.sandbox}:checkout"
    ids = [f"{house.sandbox}-{number}" for number in range(20_000)]
    house.broker.rpush(queue, *ids)
    with house.broker.pipeline(transaction=False) as pipe:
        for message in ids:
            pipe.hset(f"rq:job:{message}", "status", "queued")
        pipe.execute()

    assert wipes.wipe(house.sandbox) == 20_000

    assert not [key for key in keys(house) if house.sandbox in key]


def test_late_work_closes_its_row_unless_another_has_taken_the_message(house: BackOfHouse) -> None:
    message, other = house.place(), house.place()
    for each in (message, other):
        assert outbox.taken(each, "w1", 8) == 1
    assert outbox.taken(other, "w2", 8) == 2

    assert outbox.close_late(message, "w1", 1)
    assert not outbox.close_late(other, "w1", 1)

    assert house.row(other).closed_at is None
    assert not outbox.close_late(message, "w1", 1), "once"
    assert len(house.events("MessageAcknowledged")) == 1


@pytest.mark.parametrize("place", ["waits", "pulled"])
def test_done_work_is_withdrawn_only_while_it_waits(house: BackOfHouse, place: str) -> None:
    message = house.place()
    if place == "pulled":
        house.pull(message, "rq-w2")

    assert places.withdraw(house.broker, message) is (place == "waits")

    status = house.broker.hget(f"rq:job:{message.id}", "status")
    assert status == (b"finished" if place == "waits" else b"queued")
    assert house.waiting() == []


def test_what_a_frozen_worker_was_handed_goes_back_to_the_head(house: BackOfHouse) -> None:
    message, behind = house.place(), house.place()
    house.pull(message, "rq-w1")

    reaper.give_back(house.broker, house.sandbox, "rq-w1")

    assert house.waiting() == [message.id, behind.id]
    assert [event.message for event in house.events("MessageRedelivered")] == [message.id]


def keys(house: BackOfHouse) -> set[str]:
    """Every key of the broker but those of RQ's lists of queues and workers."""
    found: Any = house.broker.keys("*")
    return {key.decode() for key in found} - {"rq:queues", "rq:workers"}
