"""A designed checkout is drawn from its record: her wait, a bar for each step, and the end of it."""

from __future__ import annotations

import pytest

from lessons.labs.designed import Run as Designed
from lessons.labs.designs import Design
from tests.lessons.labs.designed_runs import SEVEN, later_than, ran
from tests.lessons.recorded import Run, at
from workers.checkout import ORDER, PAYMENT


def test_her_wait_is_measured_and_brought_to_the_story_s_scale() -> None:
    run = ran(SEVEN)

    assert run.wait == "0.9\u00a0s"
    assert run.by_the_clock == "0.23\u00a0s"
    assert run.planned == "0.9\u00a0s"


def test_the_request_s_steps_come_first_and_the_worker_s_begin_where_they_end() -> None:
    rows = ran(SEVEN).rows

    assert [row.tone for row in rows] == ["customer"] * 2 + ["worker"] * 7
    assert rows[1].spans[0].end == pytest.approx(0.9)
    assert rows[2].spans[0].start == pytest.approx(0.94)
    assert rows[-1].spans[0].end == pytest.approx(12.84)


def test_steps_that_are_still_to_come_are_planned_in_their_order() -> None:
    run = ran(SEVEN, until=0.45)

    assert [row.state for row in run.rows] == ["done", "done", "running", *["planned"] * 6]
    assert run.rows[3].spans[0].start == pytest.approx(2.94)
    assert not run.over
    assert run.consequences == ()


def test_a_run_that_is_still_going_on_says_what_she_waits_for() -> None:
    run = ran((), until=0.3)

    assert (run.outcome, run.at) == (None, "send the e-mail")
    assert run.wait == "1.2\u00a0s"


def test_a_declined_payment_is_drawn_as_failed_and_nothing_is_planned_after_it() -> None:
    rows = ran((), "declined").rows

    assert [(row.label, row.state) for row in rows] == [("charge the payment", "failed")]


def test_a_run_without_a_message_is_over_with_the_answer() -> None:
    assert ran((), until=3.2).over
    assert not ran(("email",), until=2.8).over


def test_a_wait_on_the_wheel_has_a_row_between_the_two_hands() -> None:
    run = Run(1003, "later").begins().does(PAYMENT, ORDER).queues().answers().is_taken_by("w1", after=2)
    rows = Designed(Design(SEVEN), tuple(run.happened), at(4)).rows

    assert [row.tone for row in rows[:4]] == ["customer", "customer", "waiting", "worker"]


def test_a_run_that_nobody_ends_is_left_alone_after_two_minutes() -> None:
    assert not ran(SEVEN, until=0.5).over
    run = ran(SEVEN, until=0.5)

    assert Designed(run.design, run.record, at(121)).over


def test_everything_later_is_planned_while_nothing_has_begun() -> None:
    run = ran(later_than(), until=0)

    assert {row.state for row in run.rows} == {"planned"}
    assert run.planned == "no time"


@pytest.mark.parametrize(
    ("later", "name"),
    [
        ((), "everything now"),
        (later_than(), "everything later"),
        (SEVEN, "now: payment, order"),
        (("pdf", "loyalty"), "later: receipt, points"),
    ],
)
def test_a_design_is_named_by_its_shorter_list(later: tuple[str, ...], name: str) -> None:
    assert ran(later).name == name
