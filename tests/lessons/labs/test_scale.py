"""The lab of lesson 3 reads its figures from the record: how many orders, how long, how much work on each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lessons.labs import scale
from lessons.labs.scale import Bench, Run, RunForm
from tests.workers.back_of_house import BackOfHouse
from workers import commitments, events, floods, sandboxes
from workers.errors import OverLimit
from workers.events import Event, FloodEnded, FloodStarted, MessageAcknowledged, MessageTaken, OrderPlaced

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def record(orders: int, ended: bool = True) -> list[Event]:
    """One order every second, taken half a second later and acknowledged 2 s after that."""
    events: list[Event] = [FloodStarted(per_second=orders, seconds=1, at=at(0))]
    for number in range(orders):
        events += [
            OrderPlaced(order=number, checkout="later", at=at(number)),
            MessageTaken(order=number, lease_s=8, at=at(number + 0.5)),
            MessageAcknowledged(order=number, at=at(number + 2.5)),
        ]
    return [*events, FloodEnded(placed=orders, refused=0, at=at(orders))] if ended else events


def test_a_finished_run_lasts_from_the_first_order_to_the_last_acknowledgement() -> None:
    run = scale.read(2, record(3), at(20))

    assert (run.placed, run.done, run.over, run.gave_up) == (3, 3, True, False)
    assert (run.took, run.each) == (4.5, 2.0)


def test_a_run_goes_on_while_customers_still_come() -> None:
    run = scale.read(2, record(3, ended=False), at(5))

    assert not run.over
    assert run.took == 5.0


def test_a_run_that_nobody_finished_is_given_up_after_a_minute() -> None:
    unfinished = [event for event in record(3) if not (isinstance(event, MessageAcknowledged) and event.order == 2)]

    assert not scale.read(1, unfinished, at(59)).over
    given_up = scale.read(1, unfinished, at(61))
    assert (given_up.over, given_up.gave_up, given_up.done) == (True, True, 2)
    assert Bench((given_up,)).finished == ()


def run_of(workers: int, took: float, each: float) -> Run:
    return Run(workers, 20, (each,) * 20, took, over=True, gave_up=False)


def test_the_ratio_compares_the_most_workers_with_the_fewest() -> None:
    bench = Bench((run_of(1, 24.0, 1.2), run_of(2, 12.5, 1.2), run_of(10, 3.0, 1.25)))

    assert bench.times_as_fast == "10 workers, 8.0 times as fast as 1, not 10"
    assert Bench((run_of(1, 24.0, 1.2),)).times_as_fast is None


def test_a_ratio_like_that_of_the_hands_is_not_set_against_it() -> None:
    bench = Bench((run_of(1, 24.2, 1.2), run_of(2, 12.2, 1.2)))

    assert bench.times_as_fast == "2 workers, 2.0 times as fast as 1"


@pytest.mark.parametrize(
    ("workers", "took", "rounds", "idle", "rest"), [(1, 24.2, 20, 0, 0.2), (8, 4.1, 3, 4, 0.5), (10, 2.3, 2, 0, 0.0)]
)
def test_a_run_is_told_in_rounds(workers: int, took: float, rounds: int, idle: int, rest: float) -> None:
    run = run_of(workers, took, 1.2)

    assert (run.rounds, run.idle) == (rounds, idle)
    assert run.rest == pytest.approx(rest)


@pytest.mark.parametrize(("with_many", "holds"), [(0.3, "less"), (1.3, "same"), (2.4, "more")])
def test_the_observation_is_held_against_the_work_on_one_order(with_many: float, holds: str) -> None:
    few, many = run_of(1, 24.0, 1.2), run_of(10, 3.0, with_many)

    said = {choice: scale.held_against(few, many, choice) for choice in ("less", "same", "more")}

    assert [choice for choice, found in said.items() if found.agrees] == [holds]
    assert "1.20\u00a0s of work with 1 worker" in said[holds].evidence


def test_without_a_sandbox_nothing_was_run() -> None:
    bench = scale.look(None)

    assert not bench.running
    assert bench.runs == ()


def test_who_holds_which_order_is_read_from_the_record() -> None:
    taken = [MessageTaken(order=1001, worker="w1", lease_s=8, at=at(2)), *record(1, ended=False)]
    taken.append(MessageTaken(order=1002, worker="w1", lease_s=8, at=at(5)))

    assert scale.read(2, taken, at(6)).held == {"w1": 1002}
    assert scale.read(2, record(3), at(20)).held == {}


def test_there_is_no_second_run_while_one_goes_on(house: BackOfHouse) -> None:
    scale.run(house.sandbox, RunForm(workers=4))

    with pytest.raises(OverLimit):
        scale.run(house.sandbox, RunForm(workers=10))
    assert sandboxes.settings_of(house.sandbox)["workers"] == 4
    assert [run.workers for run in scale.look(house.sandbox).runs] == [4]


def test_a_run_beside_a_flood_is_refused_and_changes_nothing(house: BackOfHouse) -> None:
    floods.start(house.sandbox, 1, 1, "token")

    with pytest.raises(OverLimit):
        scale.run(house.sandbox, RunForm(workers=10))
    settings = sandboxes.settings_of(house.sandbox)
    assert (settings["workers"], settings["speed"]) == (2, 1)
    assert scale.look(house.sandbox).runs == ()


def test_a_run_that_is_over_is_read_once(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    events.append(house.sandbox, *record(3))
    commitments.commit(house.sandbox, scale.LAB, "2", "0")
    first = scale.look(house.sandbox)
    monkeypatch.setattr(scale, "from_flood", None)

    assert scale.look(house.sandbox).runs == first.runs
    assert [(run.done, run.over) for run in first.runs] == [(3, True)]
