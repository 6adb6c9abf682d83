"""Bars begin and end where the record says; what has not happened is planned, and looks planned."""

from __future__ import annotations

import pytest

from lessons.lanes import Segment, complete, given_up, lay_out
from tests.lessons.recorded import Run, at, crashed_right, early_right, left, record, right, whole_left, whole_right
from workers.checkout import LATER, PAYMENT


def stretches(run: Run, at_s: float) -> tuple[Segment, ...]:
    return lay_out(record(run, until=at_s), 1.0, at(at_s))


def test_a_running_step_is_as_long_as_it_has_run_and_expected_to_end_as_planned() -> None:
    running = stretches(whole_left(), 1.5)[2]

    assert (running.label, running.state) == ("send the e-mail", "running")
    assert running.seconds == pytest.approx(0.6)
    assert running.expected == pytest.approx(2.9)


def test_what_is_left_is_planned_one_after_the_other() -> None:
    planned = [s for s in stretches(whole_left(), 1.5) if s.state == "planned"]

    assert [s.step for s in planned] == ["pdf", "inventory", "analytics", "webhook", "audit", "loyalty"]
    assert planned[0].start == pytest.approx(2.9)
    assert planned[-1].end == pytest.approx(12.8)


def test_a_step_that_takes_longer_than_planned_pushes_the_rest_back() -> None:
    late = stretches(left().starts(PAYMENT), 2.0)

    assert late[0].seconds == pytest.approx(2.0)
    assert late[1].start == pytest.approx(2.0)


def test_a_killed_step_ends_at_the_kill_and_the_wait_for_its_message_begins() -> None:
    killed, held = stretches(crashed_right(), 6.3)[3:5]

    assert (killed.step, killed.state, killed.worker) == ("pdf", "killed", "w2")
    assert killed.seconds == pytest.approx(1.3)
    assert (held.kind, held.state, held.worker) == ("time-out", "running", "w2")
    assert [held.start, held.end] == pytest.approx([4.2, 12.2])


def test_all_seven_steps_are_planned_again_after_the_time_out() -> None:
    planned = [s for s in stretches(crashed_right(), 6.3) if s.state == "planned"]

    assert [s.step for s in planned] == [step.name for step in LATER]
    assert planned[0].start == pytest.approx(12.2)


def test_the_second_attempt_says_so() -> None:
    again = [s for s in stretches(crashed_right(), 60) if s.attempt == 2]

    assert [s.step for s in again] == [step.name for step in LATER]
    assert {s.worker for s in again} == {"w1"}


def test_a_death_that_was_never_recorded_still_ends_the_bar() -> None:
    run = right().is_taken_by("w2").starts(LATER[0])
    run.clock += 1.0
    run.comes_back().is_taken_by("w1").does(*LATER).is_acknowledged()

    assert [s.state for s in stretches(run, 60) if s.worker == "w2"] == ["killed"]


def test_a_wait_on_the_wheel_is_drawn_when_it_is_long_enough_to_see() -> None:
    at_once = right().is_taken_by("w1", after=0.02).does(*LATER)
    behind_others = right().is_taken_by("w1", after=3.3).does(*LATER)

    assert [s for s in stretches(at_once, 60) if s.kind == "wheel"] == []
    waited = [s for s in stretches(behind_others, 60) if s.kind == "wheel"]
    assert [round(s.seconds, 1) for s in waited] == [3.3]


def test_an_effect_that_the_receiver_knew_is_marked_as_not_repeated() -> None:
    run = right().is_taken_by("w1").does(LATER[0], known=True).does(*LATER[1:])

    assert [s.step for s in stretches(run, 60) if not s.repeated] == ["email"]


def test_a_declined_card_leaves_nothing_to_do() -> None:
    declined = left().starts(PAYMENT).answers("declined")

    assert [s.step for s in stretches(declined, 5)] == ["payment"]


@pytest.mark.parametrize(
    ("run", "is_complete"),
    [
        (left(), False),
        (whole_left(), True),
        (right(), False),
        (whole_right(), True),
        (left().answers("declined"), True),
        (Run(1, "later").begins().answers("declined"), True),
        (right().is_taken_by("w1").is_put_aside(), True),
        (right().is_taken_by("w1").is_put_aside().is_replayed(), False),
        (early_right(), False),
        (early_right().does(*LATER), True),
        (early_right().is_killed_for_good(LATER[0]), True),
        (early_right().is_abandoned(LATER[0]), True),
    ],
)
def test_an_order_is_complete_when_nothing_more_will_happen_to_it(run: Run, is_complete: bool) -> None:
    assert complete(record(run)) is is_complete


def test_what_was_acknowledged_early_and_killed_waits_for_nothing() -> None:
    killed = early_right().does(LATER[0]).is_killed_for_good(LATER[1])

    *_, email, receipt = stretches(killed, 9)

    assert (email.state, receipt.state, receipt.step) == ("done", "killed", "pdf")
    assert given_up(record(killed))
    assert not given_up(record(early_right().does(*LATER)))


def test_a_failed_step_waits_for_its_next_try_and_all_seven_are_planned_again() -> None:
    run = right().is_taken_by("w1").fails(LATER[0], after=0.5)

    *_, failed, waiting = [s for s in stretches(run, run.clock + 1) if s.state != "planned"]
    planned = [s for s in stretches(run, run.clock + 1) if s.state == "planned"]

    assert (failed.step, failed.state, round(failed.seconds, 3)) == (LATER[0].name, "failed", 0.5)
    assert (waiting.kind, waiting.label, round(waiting.seconds, 3)) == ("wheel", "waits for its next try", 1)
    assert [s.step for s in planned] == [step.name for step in LATER]


def test_what_a_thawed_worker_does_late_does_not_disturb_the_one_in_charge() -> None:
    run = right().is_taken_by("w2").starts(LATER[0]).comes_back().is_taken_by("w1").starts(LATER[0])
    undisturbed = lay_out(record(run), 1.0, at(30))

    run.worker, run.attempt = "w2", 1
    run.does(*LATER[1:3]).starts(LATER[3])

    assert lay_out(record(run), 1.0, at(30)) == undisturbed
    assert [(s.worker, s.state) for s in undisturbed if s.step == "email"] == [("w2", "killed"), ("w1", "running")]
