"""The repeat lab reads from the record who stands where, which moves were made, and how far a script is."""

from __future__ import annotations

import pytest

from lessons.labs import deliveries, scripts
from lessons.labs.deliveries import Table
from workers import events
from workers.events import Event
from workers.idempotency.interleavings import counter_example, schedules

ORDER = 1001


def taken(delivery: int, worker: str) -> Event:
    return events.MessageTaken(order=ORDER, attempt=delivery, worker=worker, lease_s=2)


def stands(delivery: int, worker: str, place: str) -> Event:
    return events.WorkerHeld(order=ORDER, attempt=delivery, worker=worker, pid=40 + delivery, place=place)


def goes(delivery: int, worker: str, place: str) -> Event:
    return events.WorkerReleased(order=ORDER, attempt=delivery, worker=worker, pid=40 + delivery, place=place)


def passes(delivery: int, worker: str, *places: str) -> list[Event]:
    return [event for place in places for event in (stands(delivery, worker, place), goes(delivery, worker, place))]


def both_stand() -> list[Event]:
    return [taken(1, "w1"), stands(1, "w1", "check:email"), taken(2, "w2"), stands(2, "w2", "check:email")]


def table(*happened: Event) -> Table:
    return deliveries.read([*both_stand(), *happened])


def test_deliveries_have_letters_in_the_order_in_which_they_were_taken() -> None:
    found = table()

    assert [(hand.letter, hand.worker, hand.pid, hand.state) for hand in found.hands] == [
        ("A", "w1", 41, "stands"),
        ("B", "w2", 42, "stands"),
    ]


def test_a_move_is_an_action_that_somebody_was_let_take() -> None:
    found = table(goes(1, "w1", "check:email"), *passes(1, "w1", "in:email"), goes(2, "w2", "check:email"))

    assert found.moves == (("A", "check"), ("A", "in"), ("B", "check"))
    assert [hand.state for hand in found.hands] == ["works", "works"]


def test_what_it_did_next_tells_which_answer_it_got() -> None:
    found = table(goes(1, "w1", "check:email"), stands(1, "w1", "in:email"), goes(2, "w2", "check:email"))
    skipped = table(goes(1, "w1", "check:email"), stands(1, "w1", "before_ack"))

    assert found.hands[0].answered == (("check", "it is not"),)
    assert found.hands[1].answered == (("check", ""),)
    assert skipped.hands[0].answered == (("check", "it is, so there is nothing to send"),)


def test_what_the_mail_server_had_already_is_said_where_it_was_sent() -> None:
    known = events.DuplicateSuppressed(order=ORDER, attempt=2, worker="w2", step="email", key="email:1001")
    found = deliveries.read([taken(1, "w1"), taken(2, "w2"), *passes(2, "w2", "in:email"), known])

    assert found.hands[1].answered == (("in", "the mail server had it already"),)


def test_a_killed_delivery_comes_again_under_the_next_letter() -> None:
    crash = events.WorkerCrashed(order=ORDER, worker="w1", pid=41, signal="SIGKILL")
    found = table(crash)
    again = table(crash, events.MessageRedelivered(order=ORDER, reason="lease expired"), taken(3, "w3"))

    assert (found.hands[0].state, found.moves, found.to_come) == ("died", (("A", "crash"),), 1)
    assert (again.hands[2].letter, again.to_come) == ("C", 0)


def test_of_an_acknowledged_order_nothing_comes_again() -> None:
    crash = events.WorkerCrashed(order=ORDER, worker="w1", pid=41, signal="SIGKILL")
    done = events.MessageAcknowledged(order=ORDER, attempt=2, worker="w2")

    assert table(crash, done).to_come == 0


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (events.MessageAcknowledged(order=ORDER, attempt=1, worker="w1"), "acknowledged"),
        (events.AcknowledgementIgnored(order=ORDER, attempt=1, worker="w1", reason="done already"), "acknowledged"),
        (events.MessagePutOff(order=ORDER, attempt=1, worker="w1", key="email:1001"), "put off"),
    ],
)
def test_a_delivery_ends_as_the_record_says(event: Event, state: str) -> None:
    assert table(event).hands[0].state == state


def test_a_script_goes_on_where_the_moves_have_come_to() -> None:
    schedule = counter_example("check_then_mark")
    assert schedule
    script = scripts.follow(schedule, schedule.moves[:3])

    assert (script.at, script.next) == (3, ("A", "mark"))
    assert scripts.follow(schedule, schedule.moves).next is None


def test_a_move_that_the_script_does_not_have_ends_it() -> None:
    schedule = counter_example("check_then_mark")
    assert schedule

    assert scripts.follow(schedule, [("B", "check")]).at is None


def test_nobody_tells_of_the_end_of_a_claim_so_it_is_passed_over() -> None:
    schedule = counter_example("claim_with_lease")
    assert schedule
    made = [move for move in schedule.moves if move[1] != scripts.LEASE_ENDS]

    assert scripts.follow(schedule, made[:2]).next == ("A", scripts.LEASE_ENDS)
    assert scripts.follow(schedule, made[:3]).next == ("A", "ack")


@pytest.mark.parametrize(
    ("name", "found"), [("free", False), ("counter", True), ("0", True), ("65", True), ("66", False)]
)
def test_a_script_is_named_by_what_it_is(name: str, found: bool) -> None:
    assert (scripts.find("check_then_mark", "order", name) is not None) is found


def test_every_move_of_every_schedule_can_be_said() -> None:
    moves = {
        move for key in ("order", "random") for each in schedules("claim_with_lease", key, 0, 1) for move in each.moves
    }

    assert {scripts.said(move) for move in moves if move[0] == "A"} == {
        "A claims the key",
        "A sends the e-mail",
        "A marks the key",
        "A acknowledges",
        "A’s claim runs out",
    }
