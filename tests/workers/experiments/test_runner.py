"""The runner: what it had begun when it died is told, and an error of its own is an answer."""

from __future__ import annotations

import threading

import pytest

from tests.workers.back_of_house import BackOfHouse
from tests.workers.experiments.test_line import ask
from workers import sandboxes
from workers.database import DatabaseAway
from workers.experiments import conduct, line, runner


def test_a_run_that_died_with_its_runner_cannot_be_told_and_leaves_no_stage(house: BackOfHouse) -> None:
    number = ask(house.sandbox)
    begun = line.claim("me")
    stop = threading.Event()
    stop.set()

    runner.serve("me", stop)

    found = line.find(number)
    assert begun
    assert found
    assert (found.outcome, found.reason) == ("cannot_tell", "The process that ran it has ended. Run it again.")
    assert not sandboxes.exists(begun.stage)


def test_an_error_that_nobody_had_thought_of_is_told(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    number = ask(house.sandbox)
    begun = line.claim("me")
    assert begun

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(conduct, "run", fail)
    runner.perform(begun)

    found = line.find(number)
    assert found
    assert found.outcome == "cannot_tell"
    assert "log says what" in str(found.reason)


def test_a_run_that_meets_a_full_house_waits_until_there_is_a_seat(
    house: BackOfHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = ask(house.sandbox)
    begun = line.claim("me")
    assert begun
    with monkeypatch.context() as full:
        full.setattr(sandboxes, "AWAKE_AT_ONCE", 0)
        assert not runner.perform(begun)

    found = line.find(number)
    assert found
    assert found.state == "waiting"
    again = line.claim("me")
    assert again
    assert again.id == number
    monkeypatch.setattr(conduct, "run", lambda *_: conduct.failed())
    assert runner.perform(again)


def test_a_run_whose_stage_cannot_be_woken_is_told_and_not_left_running(
    house: BackOfHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = ask(house.sandbox)
    begun = line.claim("me")
    assert begun

    def away(*_: object) -> None:
        raise DatabaseAway("BEGIN", {}, Exception("database is locked"))

    with monkeypatch.context() as broken:
        broken.setattr(sandboxes, "wake", away)
        assert runner.perform(begun)

    found = line.find(number)
    assert found
    assert (found.state, found.outcome) == ("over", "cannot_tell")
