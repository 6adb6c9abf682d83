"""The story of an order is told from its record: who held the message when, and what each of them did."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from lessons.labs.story import Bar, Row, Story
from lessons.labs.teller import tell
from tests.lessons.recorded import START, Run, at
from workers import events
from workers.checkout import LATER, ORDER
from workers.events import Event
from workers.trades import PHOTO

EMAIL, PDF = LATER[0], LATER[1]
BORN = (("w1", 4241), ("w2", 4242), ("w3", 4243))


def story(run: Run, until: float | None = None, between: tuple[tuple[float, Event], ...] = ()) -> Story:
    """What the bench knows of a run `until` seconds after the button; `between` are events of processes."""
    born: list[Event] = [events.WorkerStarted(worker=name, pid=pid, at=at(-5)) for name, pid in BORN]
    told = [*run.happened, *(replace(event, at=at(when)) for when, event in between)]
    seen = sorted((event for event in told if until is None or (event.at and event.at <= at(until))), key=_at)
    numbered = [replace(event, sequence=number) for number, event in enumerate([*born, *seen], 1)]
    mine = [event for event in numbered if event.order == run.order]
    others = [event for event in numbered if event.order is None]
    return tell(mine, others, at(until if until is not None else run.clock + 1))


def _at(event: Event) -> datetime:
    return event.at or START


def placed() -> Run:
    """An order whose customer has gone, and whose message lies on the wheel."""
    return Run(1042, "later").begins().does(*()).queues().answers()


def taken(by: str = "w2") -> Run:
    return placed().is_taken_by(by, after=0.5)


def killed() -> Run:
    run = taken().does(EMAIL)
    run.starts(PDF)
    run.clock += 1
    crash = events.WorkerCrashed(worker="w2", pid=4242, signal="SIGKILL", back_at=at(run.clock + 2).isoformat())
    return run.note(crash)


def row(told: Story, name: str) -> Row:
    return next(row for row in told.rows if row.name == name)


def bars(told: Story, name: str, kind: str) -> list[Bar]:
    return [bar for bar in row(told, name).bars if bar.kind == kind]


def test_there_is_a_row_for_the_customer_for_the_wheel_and_for_each_process() -> None:
    told = story(taken().does(*LATER).is_acknowledged())

    assert [(row.who, row.name, row.pid) for row in told.rows] == [
        ("customer", "customer of 1042", None),
        ("wheel", "message of 1042", None),
        ("worker", "w2", 4242),
    ]


def test_an_order_without_trouble_waits_is_held_and_is_acknowledged() -> None:
    told = story(taken().does(*LATER).is_acknowledged())

    assert [(bar.start, bar.end) for bar in bars(told, "message of 1042", "wheel")] == [(0, 0.5)]
    assert [bar.step for bar in bars(told, "w2", "step")] == [step.name for step in LATER]
    assert bars(told, "w2", "lease")[0].end == pytest.approx(12.4)
    assert [mark.text for mark in row(told, "w2").marks] == ["acknowledged"]
    assert not told.open
    assert told.until == pytest.approx(12.4)


def test_after_a_death_the_lease_runs_out_to_scale() -> None:
    told = story(killed(), until=4)

    dead = row(told, "w2")
    assert dead.counting is not None
    assert (dead.counting.start, dead.counting.end) == (3.5, 5.5)
    assert bars(told, "w2", "step")[-1].state == "cut off"
    assert dead.marks[-1].text == "killed at “make the receipt” (SIGKILL)"
    assert told.open


def test_when_it_has_run_out_another_process_has_the_message() -> None:
    told = story(killed().comes_back(2.1).is_taken_by("w1", after=0.2).does(*LATER).is_acknowledged())

    assert bars(told, "w2", "countdown")[0].end == pytest.approx(5.6)
    assert [bar.start for bar in bars(told, "message of 1042", "wheel")] == [0, 5.6]
    assert [row.name for row in told.workers] == ["w2", "w1"]
    assert not told.open


def test_a_worker_that_stands_still_loses_its_lease_and_comes_back() -> None:
    run = taken("w1").does(EMAIL).comes_back(2.0).is_taken_by("w2").does(*LATER).is_acknowledged()
    frozen = events.WorkerFrozen(worker="w1", pid=4241, until=at(9).isoformat())
    told = story(run, between=((2.6, frozen), (9.0, events.WorkerThawed(worker="w1", pid=4241))))

    assert [(bar.start, bar.end) for bar in bars(told, "w1", "still")] == [(2.6, 9.0)]
    assert bars(told, "w1", "countdown")[0].end == pytest.approx(4.5)
    assert [mark.text for mark in row(told, "w1").marks] == ["stands still (SIGSTOP)", "goes on (SIGCONT)"]


def test_until_a_worker_that_woke_has_said_how_its_delivery_ends_the_story_goes_on() -> None:
    run = taken("w1").does(EMAIL).comes_back(2.0).is_taken_by("w2").does(*LATER).is_acknowledged()
    frozen = events.WorkerFrozen(worker="w1", pid=4241, until=at(20).isoformat())
    between = ((2.6, frozen), (20.0, events.WorkerThawed(worker="w1", pid=4241)))
    assert story(run, until=25, between=between).open

    run.clock = 20.5
    run.note(events.WriteRefused(worker="w1", attempt=1, step="pdf", token=1, highest=2))

    assert not story(run, until=25, between=between).open


def test_a_worker_that_wakes_in_time_still_holds_the_message() -> None:
    frozen = events.WorkerFrozen(worker="w1", pid=4241, until=at(4).isoformat())
    told = story(
        taken("w1").does(EMAIL), until=4, between=((2.6, frozen), (3, events.WorkerThawed(worker="w1", pid=4241)))
    )

    assert bars(told, "w1", "lease")[-1].state == "running"


def test_a_lease_that_nobody_renews_counts_down_from_the_beginning() -> None:
    run = placed()
    run.clock, run.worker, run.attempt = 0.5, "w1", 1
    run.note(events.MessageTaken(worker="w1", attempt=1, lease_s=2, renewed=False))
    told = story(run, until=1.0)

    assert (row(told, "w1").counting or Bar("", "", "", 0, 0)).end == pytest.approx(2.5)


@pytest.mark.parametrize(
    ("event", "state", "words"),
    [
        (events.WriteRefused(token=1, highest=2), "refused", "its write was refused"),
        (events.MessagePutOff(key="email:1042"), "waiting", "put off"),
        (events.AcknowledgementIgnored(reason="lease lost"), "refused", "came too late"),
        (events.MessageAcknowledged(early=True), "done", "acknowledged before the work"),
    ],
)
def test_what_a_process_was_told_is_a_mark_in_its_row(event: Event, state: str, words: str) -> None:
    told = story(taken().note(replace(event, worker="w2", attempt=1)))

    mark = row(told, "w2").marks[-1]
    assert mark.state == state
    assert words in mark.text


def test_a_suppressed_duplicate_looks_unlike_an_effect() -> None:
    told = story(taken().does(EMAIL, known=True))

    assert bars(told, "w2", "step")[0].state == "suppressed"
    assert row(told, "w2").marks[-1].text == "send the e-mail: the receiver had it already"


def test_a_step_that_its_sender_left_out_is_said_to_be_so() -> None:
    run = taken()
    run.starts(EMAIL).note(events.DuplicateSuppressed(worker="w2", attempt=1, step="email", key="k", by="sender"))
    run.note(events.StepFinished(worker="w2", attempt=1, step="email", where="worker", seconds=0.0))

    assert "left out, because it was noted as done" in row(story(run), "w2").marks[-1].text


def test_the_same_is_told_in_words_oldest_first() -> None:
    told = story(killed().comes_back(2.1).is_taken_by("w1").does(*LATER).is_acknowledged())

    assert [line.at for line in told.lines] == sorted(line.at for line in told.lines)
    assert ("w2, pid 4242", "killed at “make the receipt” (SIGKILL)") in [(line.who, line.text) for line in told.lines]


def test_a_photo_that_was_acknowledged_early_ends_with_the_last_of_its_own_steps() -> None:
    run = taken().is_acknowledged(early=True).does(*PHOTO[:2])
    assert story(run, until=run.clock + 1).open

    told = story(run.does(*PHOTO[2:]))

    assert [bar.text for bar in bars(told, "w2", "step")] == [step.label for step in PHOTO]
    assert not told.open


def test_a_commit_is_a_mark_and_leaves_its_step_as_it_is() -> None:
    run = Run(1042, "later").begins()
    run.starts(ORDER).clock += ORDER.seconds
    run.note(events.OrderPlaced(checkout="later"))
    run.note(events.StepFinished(step="order", attempt=1, where="request", seconds=ORDER.seconds))
    told = story(run)

    assert bars(told, "customer of 1042", "step")[0].state == "done"
    assert row(told, "customer of 1042").marks[0].text == "the order is committed"


def test_who_tries_again_later_holds_nothing_meanwhile() -> None:
    told = story(taken().fails(EMAIL, after=1.0))

    assert bars(told, "w2", "lease")[0].state == "done"


def test_of_nothing_there_is_no_story() -> None:
    assert tell([], [], at(0)) == Story((), 0.0)


def test_a_narrow_bar_has_no_sign() -> None:
    told = story(taken().does(*LATER).is_acknowledged())
    wide = bars(told, "w2", "step")[0]

    assert wide.sign == "1"
    assert told.fits(wide)
    assert not told.fits(replace(wide, end=wide.start + 0.1))
