"""What the race page shows is computed from the record, and from nothing else."""

from __future__ import annotations

import pytest

from lessons.race import RaceView, evidence, view
from tests.lessons.recorded import (
    Run,
    at,
    crashed_right,
    early_right,
    left,
    record,
    right,
    snapshot,
    whole_left,
    whole_right,
)
from workers import events
from workers.checkout import LATER, PAYMENT, STEPS


def seen(*runs: Run, at_s: float, speed: float = 1) -> RaceView:
    return view(snapshot(*record(*runs, until=at_s), speed=speed), at(at_s))


def test_before_any_sandbox_both_lanes_show_the_plan() -> None:
    shown = view(None, at(0))

    assert shown.phase == "idle"
    assert [segment.state for segment in shown.now.segments] == ["planned"] * 9
    assert shown.now.answer_at == pytest.approx(12.8)
    assert shown.later.answer_at == pytest.approx(0.9)
    assert (shown.now.wait.seconds, shown.saved, shown.kitchen) == (0.0, None, None)


def test_the_plan_of_the_right_lane_leaves_seven_steps_to_a_worker() -> None:
    columns = [segment.column for segment in view(None, at(0)).later.segments]

    assert columns == ["customer"] * 2 + ["worker"] * 7


def test_her_clock_runs_from_the_press_of_the_button() -> None:
    shown = seen(left().does(PAYMENT), at_s=0.5)

    assert shown.phase == "running"
    assert shown.now.wait.running
    assert shown.now.wait.seconds == pytest.approx(0.5)
    assert shown.now.sentence.text == "still waiting at “charge the payment”"


def test_her_clock_stops_at_what_the_record_says_she_waited() -> None:
    shown = seen(whole_left(), whole_right(), at_s=7.4)

    assert not shown.later.wait.running
    assert shown.later.wait.seconds == 0.9
    assert shown.later.sentence.text == "Success, and gone. 11.9\u00a0s of work go on without her."


def test_a_lane_whose_order_is_not_placed_yet_shows_its_plan() -> None:
    shown = seen(left(), at_s=0.2)

    assert shown.now.began is not None
    assert shown.later.began is None
    assert {segment.state for segment in shown.later.segments} == {"planned"}


def test_what_was_saved_is_told_only_when_both_orders_are_complete() -> None:
    runs = whole_left(), whole_right()

    assert seen(*runs, at_s=12.7).saved is None
    finished = seen(*runs, at_s=13)
    assert finished.phase == "finished"
    assert finished.saved is not None
    assert finished.saved.seconds == pytest.approx(11.9)
    assert finished.saved.percent == 93


def test_the_race_is_not_finished_while_a_worker_still_works() -> None:
    assert seen(whole_left(), crashed_right(), at_s=14).phase == "running"
    assert seen(whole_left(), crashed_right(), at_s=30).phase == "finished"


@pytest.mark.parametrize(("outcome", "said"), [("declined", "Card declined"), ("failed", "could not take")])
def test_an_order_that_was_not_taken_saves_nothing(outcome: str, said: str) -> None:
    shown = seen(left().starts(PAYMENT).answers(outcome), whole_right(), at_s=20)

    assert shown.phase == "finished"
    assert shown.saved is None
    assert said in shown.now.sentence.text


def test_a_race_that_begins_does_not_show_the_one_before() -> None:
    before = snapshot(*record(whole_left(), whole_right()))
    shown = view(before, at(60), starting=True)

    assert shown.phase == "running"
    assert {segment.state for segment in shown.now.segments + shown.later.segments} == {"planned"}


def test_both_lanes_share_one_scale_that_holds_the_longer_of_them() -> None:
    shown = seen(whole_left(), crashed_right(), at_s=60)

    assert shown.scale.seconds == pytest.approx(shown.later.last)
    assert shown.later.last > 20


def test_at_speed_ten_the_plan_is_a_tenth() -> None:
    assert seen(at_s=0, speed=10).now.answer_at == pytest.approx(1.28)


def test_moments_are_given_to_the_browser_in_milliseconds_since_1970() -> None:
    lane = seen(left(), at_s=0.2).now

    assert lane.epoch_ms(0.1) == int(at(0.1).timestamp() * 1000)


def test_the_same_work_is_done_for_both_orders() -> None:
    found = evidence(record(whole_left(), whole_right()))

    assert found.holds == "same"
    assert "Left: 9 steps, 12.8 s of work" in found.text
    assert "2 in the request, 7 by w2" in found.text


def test_what_was_acknowledged_early_and_killed_is_told_as_lost() -> None:
    lost = early_right().does(LATER[0]).is_killed_for_good(LATER[1])

    lane = view(snapshot(*record(whole_left(), lost)), at(20)).later

    assert "it is lost" in lane.sentence.text
    assert "costs work, not orders" not in evidence(record(whole_left(), lost)).text


def test_who_dies_between_two_steps_has_died_and_no_step_has_failed() -> None:
    died = events.WorkerCrashed(worker="w2", pid=4243, signal="SIGKILL", back_at=at(9.0).isoformat())
    between = right().is_taken_by("w2").does(LATER[0]).note(died)
    run = between.comes_back().is_taken_by("w1").does(*LATER).is_acknowledged()

    assert seen(whole_left(), run, at_s=60).later.mishap == "A worker died"


def test_a_crash_makes_the_right_order_more_work() -> None:
    found = evidence(record(whole_left(), crashed_right()))

    assert found.holds == "more"
    assert f"{12.8 + 2.0 + 1.3:.1f} s" in found.text
    assert "8 by w2 and w1" in found.text


def test_an_order_that_was_declined_is_less_work() -> None:
    declined = right()
    declined.happened = declined.happened[:2]

    assert evidence(record(whole_left(), declined)).holds == "less"


def test_the_lane_knows_who_worked_on_it_and_how_often_it_was_begun() -> None:
    lane = seen(whole_left(), crashed_right(), at_s=60).later

    assert lane.workers == ("w2", "w1")
    assert lane.attempts == 2
    assert sum(segment.state == "done" and segment.kind == "step" for segment in lane.segments) == 2 + 1 + len(LATER)


def test_every_step_of_a_finished_lane_is_as_long_as_it_took() -> None:
    lane = seen(whole_left(), at_s=20).now

    assert [round(segment.seconds, 3) for segment in lane.segments] == [step.seconds for step in STEPS]
