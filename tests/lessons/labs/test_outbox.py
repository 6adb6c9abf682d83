"""The lab of the forgetful queue reads from the record how many orders were placed, forgotten and completed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lessons.labs import outbox
from lessons.labs.outbox import Run, RunForm
from tests.lessons.recorded import at
from tests.workers.back_of_house import BackOfHouse
from workers import commitments, events, floods, sandboxes
from workers.errors import OverLimit
from workers.events import Event

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
    run = outbox.read("yes", record(), at(20))

    assert (run.placed, run.completed) == ((0, 1, 2, 3), (5, 6, 7, 8))
    assert (run.wiped_at, run.forgotten, run.over, run.until) == (1.5, 2, True, 8)


def test_a_run_goes_on_while_an_order_is_open_and_is_given_up_after_a_minute() -> None:
    assert not outbox.read("yes", record(done=3), at(20)).over
    assert outbox.read("yes", record(done=3), at(61)).over


def test_the_lines_go_up_by_one_at_each_order() -> None:
    run = outbox.read("no", record(wiped=False), at(20))

    assert run.path((2.0, 4.0)).split()[:3] == ["0.0,100.0", "25.0,100.0", "25.0,95.0"]
    assert run.path(()).split() == ["0.0,100.0", "100.0,100.0"]


@pytest.mark.parametrize(("lost", "holds"), [(0, "none"), (1, "some"), (2, "all")])
def test_what_was_never_completed_is_held_against_the_record(lost: int, holds: str) -> None:
    run: Run = replace(outbox.read("yes", record(), at(20)), lost=lost)

    assert {choice for choice in ("none", "some", "all") if outbox.held_against(run, choice).agrees} == {holds}
    assert "The queue forgot 2 messages 1.5\u00a0s after the first order." in outbox.held_against(run, holds).evidence


def test_only_a_run_in_which_the_queue_forgot_can_be_observed(house: BackOfHouse, monkeypatch: Any) -> None:
    commitments.commit(house.sandbox, outbox.LAB, "no", "0")
    monkeypatch.setattr(outbox, "_run", lambda _, wipe, *__: outbox.read(wipe, record(wiped=False), at(20)))

    assert outbox.observe(house.sandbox, "none") is None


def test_one_run_at_a_time(house: BackOfHouse) -> None:
    outbox.run(house.sandbox, RunForm(wipe="no"))

    assert sandboxes.settings_of(house.sandbox)["workers"] == outbox.WORKERS
    with pytest.raises(OverLimit):
        outbox.run(house.sandbox, RunForm(wipe="no"))
    floods.stop(house.sandbox)
