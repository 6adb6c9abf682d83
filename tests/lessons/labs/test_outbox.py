"""The lab of the forgetful queue reads from the record how many orders were placed, forgotten and completed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lessons.labs import handed, outbox, rushes
from lessons.labs.handed import Handed
from lessons.labs.outbox import RunForm
from lessons.labs.rushes import Rush
from tests.lessons.recorded import at
from tests.workers.back_of_house import BackOfHouse
from workers import commitments, events, floods, sandboxes
from workers.checkout import LATER
from workers.errors import OverLimit
from workers.events import Event
from workers.judges import Verdict

PLACED = [float(number) for number in range(4)]


def record(done: int = 4, wiped: bool = True) -> list[Event]:
    """Four orders, a second apart; each is acknowledged 5 s after it was placed, if it is."""
    told: list[Event] = [events.FloodStarted(per_second=2, seconds=2, at=at(-0.1))]
    for number, when in enumerate(PLACED):
        told.append(events.OrderPlaced(order=number, checkout="later", at=at(when)))
        if number < done:
            told.append(events.MessageAcknowledged(order=number, at=at(when + 5)))
    if wiped:
        told.append(events.BrokerWiped(messages=2, at=at(1.5)))
    return [*told, events.FloodEnded(placed=4, refused=0, at=at(3.1))]


def test_a_run_is_over_when_all_that_was_placed_is_completed() -> None:
    run = rushes.read("outbox", "wiped", record(), at(20))

    assert (run.placed, run.completed) == ((0, 1, 2, 3), (5, 6, 7, 8))
    assert (run.wiped_at, run.forgotten, run.over, run.until) == (1.5, 2, True, 8)


def test_a_run_goes_on_while_an_order_is_open_and_is_given_up_after_a_minute() -> None:
    assert not rushes.read("outbox", "wiped", record(done=3), at(20)).over
    assert rushes.read("outbox", "wiped", record(done=3), at(61)).over


def test_the_lines_go_up_by_one_at_each_order() -> None:
    run = rushes.read("outbox", "rush", record(wiped=False), at(20))

    assert run.path((2.0, 4.0)).split()[:3] == ["0.0,100.0", "25.0,100.0", "25.0,95.0"]
    assert run.path(()).split() == ["0.0,100.0", "100.0,100.0"]


@pytest.mark.parametrize(("lost", "holds"), [(0, "none"), (1, "some"), (2, "all")])
def test_what_was_never_completed_is_held_against_the_record(lost: int, holds: str) -> None:
    run: Rush = replace(rushes.read("outbox", "wiped", record(), at(20)), lost=lost)

    assert {choice for choice in ("none", "some", "all") if outbox.held_against(run, choice).agrees} == {holds}
    assert "The queue forgot 2 messages 1.5\u00a0s after the first order." in outbox.held_against(run, holds).evidence


@pytest.mark.parametrize("kind", ["0.wiped", "2.rush"])
def test_only_a_wiped_run_with_the_outbox_can_be_observed(house: BackOfHouse, kind: str, monkeypatch: Any) -> None:
    commitments.commit(house.sandbox, outbox.LAB, kind, "0")
    handover, scene = list(outbox.NAMES)[int(kind[0])], kind[2:]
    monkeypatch.setattr(outbox, "_read", lambda *_: rushes.read(handover, scene, record(), at(20)))

    assert outbox.observe(house.sandbox, "none") is None


def test_one_run_at_a_time(house: BackOfHouse) -> None:
    outbox.run(house.sandbox, RunForm(handover="outbox", scene="rush"))

    assert sandboxes.settings_of(house.sandbox)["workers"] == outbox.WORKERS
    with pytest.raises(OverLimit):
        outbox.run(house.sandbox, RunForm(handover="outbox", scene="rush"))
    floods.stop(house.sandbox)


def test_a_message_that_nobody_promised_is_lost_when_the_queue_forgets_it() -> None:
    lost = [*record(done=2), *(events.MessageLost(order=order, at=at(9)) for order in (2, 3))]
    run = rushes.read("commit_then_enqueue", "wiped", lost, at(20))

    assert (run.over, len(run.completed), run.lost) == (True, 2, 2)


def one(handover: str, *more: Event, until: float = 30, effects: int = 0) -> Handed:
    """An order whose checkout was killed 0.1 s after its customer came."""
    told = [
        events.CheckoutStarted(order=1, checkout="later", at=at(0)),
        *more,
        events.CheckoutCrashed(order=1, pid=77, signal="SIGKILL", at=at(0.1)),
    ]
    verdict = Verdict(1, {step.name: effects for step in LATER})
    return Handed(handover, "killed", tuple(told), (), verdict, at(until))


def said(run: Handed) -> str:
    return " ".join(handed.told(run)).replace("\u00a0", " ")


def test_an_order_without_a_message_is_over_when_nobody_has_come_for_a_while() -> None:
    placed = events.OrderPlaced(order=1, checkout="later", at=at(0.1))

    assert not one("commit_then_enqueue", placed, until=4).over
    run = one("commit_then_enqueue", placed)
    assert (run.over, run.has_order, run.has_message, run.complete) == (True, True, False, False)
    assert said(run) == (
        "Process 77, which took order 1, was killed at 0.1 s, between the two. "
        "Order 1 is in the database, paid for, and there is no message about it. "
        "30 s later nobody has taken it up, and nobody ever will: no program looks for it."
    )


def test_a_message_without_an_order_is_over_when_it_is_put_aside() -> None:
    taken = events.MessageTaken(order=1, worker="w1", attempt=1, lease_s=2, at=at(0.1))
    dead = events.MessageDeadLettered(order=1, worker="w1", attempt=1, group="OrderMissing", error="", at=at(0.2))
    run = one("enqueue_then_commit", taken, dead)

    assert (run.over, run.has_order, run.has_message) == (True, False, True)
    assert "There is a message about order 1, and no such order in the database." in said(run)
    assert "found no order, and it was put aside" in said(run)


def test_with_the_outbox_an_order_is_waited_for_until_it_is_complete() -> None:
    placed = events.OrderPlaced(order=1, checkout="later", at=at(0.1))

    assert not one("outbox", placed, until=20).over


@pytest.mark.parametrize("scene", outbox.SCENES)
@pytest.mark.parametrize("handover", outbox.NAMES)
def test_every_kind_of_run_has_a_short_name(handover: str, scene: str) -> None:
    assert len(outbox._kind(handover, scene)) <= 12
