"""The crash lab says what became of an order with the figures of its own run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lessons.labs import crash, trial_words
from lessons.labs.trial_runs import Run as TrialRun
from lessons.labs.trials import Trial
from tests.lessons.recorded import Run, at
from workers import events
from workers.checkout import LATER
from workers.fleet import PLACES
from workers.judges import Verdict

EMAIL, PDF = LATER[0], LATER[1]
ONCE = {step.name: 1 for step in LATER}


def trial(run: Run, times: dict[str, int] = ONCE, until: float = 60, **chosen: str) -> TrialRun:
    """What the bench knows of a run; `times` is what those say who received."""
    seen = [event for event in run.happened if event.at and event.at <= at(until)]
    numbered = tuple(replace(event, sequence=number) for number, event in enumerate(seen, 1))
    return TrialRun(Trial(run.order, **chosen), numbered, (), Verdict(run.order, times), at(until))


def taken() -> Run:
    return Run(1042, "later").begins().queues().answers().is_taken_by("w2", after=0.2)


def killed() -> Run:
    return taken().does(EMAIL).is_killed(PDF, after=1.0, held_for=2.0)


def said(run: TrialRun) -> str:
    return " ".join(trial_words.told(run)).replace("\u00a0", " ")


def test_nothing_went_wrong() -> None:
    told = trial(taken().does(*LATER).is_acknowledged(), trouble="none")

    assert told.over
    assert said(told) == (
        "Worker w2 took the message 0.2 s after the customer pressed the button. "
        "E-mails about order 1042 arrived: once. Each of the seven has happened exactly once, this time. "
        "The order was complete after 12.1 s."
    )


def test_a_death_is_told_with_process_place_time_out_and_what_was_repeated() -> None:
    run = killed().comes_back(2.0).is_taken_by("w1").does(*LATER).is_acknowledged()
    told = said(trial(run, ONCE | {"email": 2}))

    assert "Process 4243 (w2) was killed at 3.2 s, in the middle of “make the receipt”, with one of the seven" in told
    assert "2.0 s later the time-out was over, and the message was back." in told
    assert "Worker w1 took it, and began with “send the e-mail”, the first of the seven." in told
    assert "It did the e-mail a second time." in told
    assert "E-mails about order 1042 arrived: twice. Nothing is missing; the e-mail is there more than once." in told


def test_what_was_acknowledged_early_is_lost_with_its_worker() -> None:
    run = taken().is_acknowledged(early=True).does(EMAIL).is_killed_for_good(PDF)
    told = trial(run, dict.fromkeys(ONCE, 0) | {"email": 1}, acknowledge="early")

    assert (told.over, told.lost, told.complete_s) == (True, True, None)
    assert "It had acknowledged the message before it began" in said(told)
    assert "Nobody will ever do the rest: the receipt, stock," in said(told)


def test_a_run_is_not_over_while_a_time_out_runs() -> None:
    assert not trial(killed(), until=4).over


def test_a_run_is_not_over_between_two_steps() -> None:
    run = taken().is_acknowledged(early=True).does(EMAIL)

    assert not trial(run, until=2.3, acknowledge="early").over


def test_a_run_that_nobody_ends_is_left_alone_after_a_minute() -> None:
    assert trial(killed(), until=61).over


@pytest.mark.parametrize("place", crash.PLACES)
def test_every_place_is_one_of_the_workers_and_can_be_read_and_kept(place: str) -> None:
    kept = Trial(123456, "early", "kill", place, "on", "k")

    assert place in PLACES
    assert trial_words.place(place) in trial_words.named(kept)
    assert len(kept.encode()) <= 40
    assert Trial.decode("k", kept.encode()) == kept


@pytest.mark.parametrize(("choice", "agrees"), [("first", True), ("same", False), ("next", False)])
def test_the_second_worker_s_first_step_is_held_against_the_record(choice: str, agrees: bool) -> None:
    run = trial(killed().comes_back(2.0).is_taken_by("w1").does(*LATER).is_acknowledged())
    found = crash.held_against(run, choice)

    assert found
    assert found.agrees is agrees
    assert "the first worker had come to “make the receipt”" in found.evidence


def test_an_event_of_another_kind_does_not_end_a_run() -> None:
    run = taken().does(EMAIL).note(events.CrashArmed(place="in:pdf"))

    assert not trial(run, until=3).over
