"""A run of the slots lab is read from its record: who stood in line, who was served, and for how long."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lessons.labs.crowd import Run
from tests.lessons.labs.crowds import FIRST, at_moment, crowd, record
from tests.lessons.recorded import at
from workers import events


def test_with_two_slots_the_last_of_twelve_waits_six_turns() -> None:
    run = crowd("now", 2, 12)

    assert [each.number for each in run.customers] == list(range(1, 13))
    assert run.customers[-1].end == pytest.approx(6 * 3.2, abs=0.1)
    assert run.longest == pytest.approx(6 * 3.2 - 10 / 12, abs=0.1)
    assert run.answered == 12


def test_with_two_steps_the_last_of_them_is_gone_before_the_first_of_the_others() -> None:
    assert crowd("later", 2, 12).last_answer == pytest.approx(6 * 0.225, abs=0.1)
    assert crowd("now", 2, 12).customers[0].end == pytest.approx(3.2)


def test_a_wait_is_the_time_in_line_and_the_time_in_a_slot() -> None:
    seventh = crowd("now", 2, 12).customers[6]

    assert seventh.served == pytest.approx(3.2)
    assert seventh.in_line == pytest.approx(3 * 3.2 - 0.5)
    assert seventh.waited == pytest.approx(seventh.in_line + seventh.served)


def test_who_finds_a_free_slot_does_not_stand_in_line_at_all() -> None:
    assert [each.in_line for each in crowd("now", 8, 8).customers] == [0.0] * 8


def test_an_answered_customer_s_row_is_as_long_as_the_wait_that_was_measured() -> None:
    late = [replace(event, at=at(3.3)) if event.type == "CustomerAnswered" else event for event in record("now", 1, 1)]
    customer = Run.of("now", 1, 1, late, at(9)).customers[0]

    assert customer.waited == pytest.approx(3.2)


@pytest.mark.parametrize(
    ("until", "states"),
    [
        (0.4, ["being served", "being served"]),
        (1.0, ["being served", "being served", "in line", "in line"]),
        (4.0, ["answered", "answered", "being served", "being served"]),
    ],
)
def test_a_run_that_goes_on_shows_everybody_who_has_come(until: float, states: list[str]) -> None:
    run = crowd("now", 2, 4, until)

    assert run.running
    assert [each.state for each in run.customers] == states


def test_a_bar_grows_until_now() -> None:
    early, late = crowd("now", 2, 4, until=2.0).customers[3], crowd("now", 2, 4, until=3.0).customers[3]

    assert (early.end, late.end) == (2.0, 3.0)
    assert early.slot is None


def test_a_run_that_goes_on_has_room_for_all_its_turns() -> None:
    assert crowd("now", 2, 12, until=1.0).room_s == pytest.approx(6 * 3.2)
    assert crowd("later", 8, 4, until=0.1).room_s == pytest.approx(1.225)


def test_whoever_stands_in_line_for_half_a_minute_is_sent_away() -> None:
    run = crowd("now", 1, 12)

    assert [each.number for each in run.customers if each.state == "sent away"] == [11, 12]
    assert run.customers[-1].waited == pytest.approx(30, abs=0.01)
    assert (run.answered, run.sent_away) == (10, 2)


def test_customers_who_were_turned_away_at_the_door_are_counted_too() -> None:
    door = [
        replace(event, refused=3) if isinstance(event, events.FloodEnded) else event for event in record("now", 2, 4)
    ]
    run = Run.of("now", 2, 7, door, at(60))

    assert (len(run.customers), run.answered, run.sent_away) == (4, 4, 3)


def test_a_failed_checkout_is_no_answer() -> None:
    failed = [
        replace(event, outcome="failed") if isinstance(event, events.CustomerAnswered) else event
        for event in record("now", 1, 1)
    ]
    run = Run.of("now", 1, 1, failed, at(60))

    assert run.customers[0].state == "failed"
    assert run.last_answer is None


def test_somebody_without_an_end_ends_with_the_run() -> None:
    lost = [event for event in record("now", 2, 2) if event.order != FIRST + 1 or event.type == "CheckoutStarted"]
    run = Run.of("now", 2, 2, lost, at(600))

    assert not run.running
    assert run.customers[1].end == pytest.approx(3.7)


def test_a_run_that_was_abandoned_does_not_go_on_for_ever() -> None:
    assert not Run.of("now", 2, 4, record("now", 2, 4, until=1.0), at(600), abandoned=True).running


def test_a_race_beside_the_run_is_not_part_of_it() -> None:
    race = [at_moment(0.2, 1099, events.CheckoutStarted(checkout="now", race="r1"))]
    by_hand = [at_moment(0.3, 1100, events.CheckoutStarted(checkout="later"))]
    worker = [at_moment(0.4, 1000, events.CustomerAnswered(checkout="now", outcome="success", waited_s=9.0))]
    run = Run.of("now", 2, 4, [*record("now", 2, 4), *race, *by_hand, *worker], at(60))

    assert [each.order for each in run.customers] == [FIRST, FIRST + 1, FIRST + 2, FIRST + 3]


@pytest.mark.parametrize(("slots", "percent"), [(1, 100), (2, 98), (8, 41)])
def test_slots_are_busy_while_somebody_has_them(slots: int, percent: int) -> None:
    assert crowd("now", slots, 4).taken_percent == pytest.approx(percent, abs=3)


def test_the_median_is_the_wait_in_the_middle() -> None:
    run = crowd("now", 1, 4)

    assert run.median == pytest.approx((run.customers[1].waited + run.customers[2].waited) / 2)


def test_before_anybody_has_come_there_is_nothing_to_measure() -> None:
    run = crowd("now", 2, 4, until=-0.05)

    assert (run.customers, run.longest, run.median, run.taken_percent, run.last_answer) == ((), 0.0, 0.0, 0, None)
