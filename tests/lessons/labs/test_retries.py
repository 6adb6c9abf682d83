"""The bench of lesson 6: what it keeps of a run, what it says of it, and what the observation is held against."""

from __future__ import annotations

import pytest

from lessons.labs import retries, runs_of_retries
from lessons.labs.herd import of
from lessons.labs.retries import RunForm
from lessons.labs.runs_of_retries import Mark
from lessons.labs.tried import BACKOFFS, TROUBLES, Band, Plan, Run
from lessons.labs.tries import Row, Try
from tests.workers.back_of_house import BackOfHouse
from workers import events, outbox, sandboxes
from workers.errors import OverLimit
from workers.messages import CompleteOrder


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("backoff", BACKOFFS)
def test_a_mark_says_all_about_its_run_and_fits_into_its_row(trouble: str, backoff: str) -> None:
    plan = Plan(trouble, 20, 50, 8, backoff, True, "receiver")
    mark = Mark(1_234_567_890, 123_456_789, plan)

    assert len(mark.kind) <= 12
    assert len(mark.encode()) <= 40
    assert Mark.decode(mark.kind, mark.encode()) == mark


def test_nothing_was_run_before_there_is_a_sandbox(house: BackOfHouse) -> None:
    assert retries.look(None) == retries.look(house.sandbox) == retries.Bench()
    assert not retries.look(None).running


def test_poison_is_one_order_with_an_address_that_no_server_takes(house: BackOfHouse) -> None:
    retries.run(house.sandbox, RunForm(trouble="poison", messages=50, attempts=3))

    bench = retries.look(house.sandbox)
    assert bench.running
    [run] = bench.runs
    assert [row.state for row in run.rows] == ["waiting"]
    settings = sandboxes.settings_of(house.sandbox)
    assert (settings["attempts"], settings["workers"], settings["speed"]) == (3, 10, 10)
    with pytest.raises(OverLimit):
        retries.run(house.sandbox, RunForm(trouble="poison"))


def test_a_run_is_over_when_all_is_done_and_another_kind_stands_beside_it(house: BackOfHouse) -> None:
    for backoff in ("none", "fixed"):
        retries.run(house.sandbox, RunForm(trouble="poison", backoff=backoff))
        [order] = [row.order for row in retries.look(house.sandbox).runs[0].rows]
        outbox.close(message_of(house, order), "w1", 1)
        assert retries.look(house.sandbox).runs[0].over

    runs = retries.look(house.sandbox).runs
    assert [run.plan.backoff for run in runs] == ["fixed", "none"]
    assert len({run.rows[0].order for run in runs}) == 2


def test_only_the_newest_runs_are_shown(house: BackOfHouse) -> None:
    for number in range(8):
        plan = Plan("down" if number % 2 else "slow", messages=1, backoff=BACKOFFS[number // 2])
        runs_of_retries.keep(house.sandbox, Mark(number, 1001 + number, plan))

    assert len(retries.look(house.sandbox).runs) == runs_of_retries.SHOWN


@pytest.mark.parametrize(("calls", "holds"), [(0, "few"), (14, "few"), (15, "some"), (29, "some"), (30, "herd")])
def test_the_observation_is_held_against_the_partners_own_list(calls: int, holds: str) -> None:
    seen = run_of(calls)

    for choice in ("few", "some", "herd"):
        assert retries.held_against(seen, choice).agrees is (choice == holds)
    evidence = retries.held_against(seen, holds).evidence
    assert f"{calls or 'none'} came in its busiest second" in evidence
    assert "fixed, 2\u00a0s" in evidence


def test_there_is_nothing_to_observe_before_fifty_met_a_partner_that_was_down(house: BackOfHouse) -> None:
    retries.run(house.sandbox, RunForm(trouble="poison"))
    events.append(house.sandbox, events.OutageStarted(partner="down", seconds=5))

    assert retries.observe(house.sandbox, "few") is None


def run_of(calls: int) -> Run:
    """Two seconds down, with five calls in them, and so many within half a second after that."""
    rows = (Row(1001, "s-1001", "done", (Try(0, 3, "done"),)),)
    moments = [0.1, 0.2, 0.3, 1.1, 1.9, *(2.5 + number / 100 for number in range(calls))]
    return Run(Plan(), rows, 3, of(moments), Band("over", 0, 2))


def message_of(house: BackOfHouse, order: int) -> CompleteOrder:
    return CompleteOrder(house.sandbox, order)
