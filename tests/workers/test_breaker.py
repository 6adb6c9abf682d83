"""The circuit breaker: its state is one for all processes of a sandbox, and one trial call decides."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.product import eventually
from tests.workers.back_of_house import BackOfHouse
from workers import breaker, calm, retries, sandboxes, wipes
from workers.attempts import Attempt
from workers.errors import CircuitOpen, StepUnavailable
from workers.failures import Failure
from workers.ongoing import ongoing

CIRCUIT = ("CircuitOpened", "CircuitHalfOpened", "CircuitClosed")


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open for a fifth of a second."""
    monkeypatch.setattr(breaker, "OPEN_S", 0.2)


@pytest.fixture
def long(short: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets it be open for longer than any test takes, from its next opening on."""
    return lambda: monkeypatch.setattr(breaker, "OPEN_S", 30.0)


def answer() -> str:
    return "taken"


def refuse() -> str:
    raise StepUnavailable("The partner answered 503.", "partner answered 503")


def open_up(house: BackOfHouse, failures: int = breaker.FAILURES) -> None:
    for _ in range(failures):
        with pytest.raises(StepUnavailable, match="503"):
            breaker.guarded(house.sandbox, refuse)


def state_changes(house: BackOfHouse) -> list[str]:
    return [event.type for event in house.events(*CIRCUIT)]


def when_due(call: Callable[[], str], house: BackOfHouse) -> str:
    """The next call that is let through."""

    def attempt() -> str:
        try:
            return breaker.guarded(house.sandbox, call)
        except CircuitOpen:
            return ""

    return eventually(attempt, 3)


def test_after_five_failures_in_a_row_nobody_calls(house: BackOfHouse, long: Callable[[], None]) -> None:
    long()
    open_up(house)

    called: list[str] = []
    with pytest.raises(CircuitOpen) as refused:
        breaker.guarded(house.sandbox, lambda: called.append("called"))

    assert called == []
    assert 0 < refused.value.wait_s <= 30
    with pytest.raises(CircuitOpen):
        breaker.look(house.sandbox)
    [opened] = house.events("CircuitOpened")
    assert opened.details == {"failures": 5, "for_s": 30.0}


def test_a_success_in_between_begins_the_count_anew(house: BackOfHouse) -> None:
    open_up(house, breaker.FAILURES - 1)
    assert breaker.guarded(house.sandbox, answer) == "taken"

    open_up(house, breaker.FAILURES - 1)

    assert state_changes(house) == []
    assert breaker.guarded(house.sandbox, answer) == "taken"


def test_one_trial_call_that_succeeds_closes_it(house: BackOfHouse) -> None:
    open_up(house)

    assert when_due(answer, house) == "taken"

    assert state_changes(house) == [*CIRCUIT]
    breaker.look(house.sandbox)


def test_a_trial_call_that_fails_opens_it_again(house: BackOfHouse, long: Callable[[], None]) -> None:
    open_up(house)
    eventually(lambda: is_due(house), 3)

    def refuse_for_long() -> str:
        long()
        return refuse()

    with pytest.raises(StepUnavailable, match="503"):
        breaker.guarded(house.sandbox, refuse_for_long)

    assert state_changes(house) == ["CircuitOpened", "CircuitHalfOpened", "CircuitOpened"]
    with pytest.raises(CircuitOpen):
        breaker.guarded(house.sandbox, answer)


def test_while_the_trial_call_is_on_its_way_nobody_else_calls(house: BackOfHouse) -> None:
    open_up(house)
    meanwhile: list[float] = []

    def trial() -> str:
        with pytest.raises(CircuitOpen) as refused:
            breaker.guarded(house.sandbox, answer)
        meanwhile.append(refused.value.wait_s)
        return "taken"

    assert when_due(trial, house) == "taken"

    assert meanwhile == [breaker.LOOK_AGAIN_S]
    assert state_changes(house) == [*CIRCUIT]


def test_whoever_dies_with_the_trial_call_holds_it_for_a_time_only(
    house: BackOfHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "TRIAL_S", 1)
    open_up(house)
    eventually(lambda: is_due(house), 3)
    assert breaker._gate(house.sandbox, claim=True) == 0
    assert not is_due(house)

    assert when_due(answer, house) == "taken"

    assert state_changes(house)[-1] == "CircuitClosed"


@pytest.mark.parametrize("act", ["calm", "switch off", "wipe"])
def test_it_is_closed_by(house: BackOfHouse, act: str) -> None:
    open_up(house)

    acts: dict[str, Callable[[], object]] = {
        "calm": lambda: calm.restore(house.sandbox),
        "switch off": lambda: house.change(circuit_breaker=False),
        "wipe": lambda: wipes.wipe(house.sandbox),
    }
    acts[act]()

    assert breaker.guarded(house.sandbox, answer) == "taken"
    assert state_changes(house) == ["CircuitOpened", "CircuitClosed"]


def test_a_deleted_sandbox_leaves_nothing_behind(house: BackOfHouse) -> None:
    open_up(house)

    sandboxes.delete(house.sandbox)

    assert house.broker.keys(f"*{house.sandbox}*") == []


def test_the_control_room_is_told_that_it_is_open(house: BackOfHouse, long: Callable[[], None]) -> None:
    assert ongoing(house.sandbox) == ()
    long()
    open_up(house)

    [fault] = ongoing(house.sandbox)
    assert (fault.kind, fault.what) == ("circuit", "open")


def test_the_control_room_is_told_of_it_until_it_is_closed(house: BackOfHouse) -> None:
    open_up(house)
    eventually(lambda: is_due(house), 3)
    [fault] = ongoing(house.sandbox)
    assert fault.what == "waits for its trial call"
    when_due(answer, house)
    assert ongoing(house.sandbox) == ()


def test_other_sandboxes_have_their_own(house: BackOfHouse) -> None:
    open_up(house)

    assert breaker.guarded(sandboxes.create(), answer) == "taken"


def test_without_a_broker_calls_are_made(house: BackOfHouse, broker_away: None) -> None:
    assert breaker.guarded(house.sandbox, answer) == "taken"
    breaker.look(house.sandbox)
    with pytest.raises(StepUnavailable, match="503"):
        breaker.guarded(house.sandbox, refuse)


def test_a_message_that_meets_the_open_circuit_waits_without_a_try(house: BackOfHouse) -> None:
    message = house.place()

    verdict = retries.judge(Failure(message, Attempt("worker", 10, "off", worker="w1", step="webhook"), CircuitOpen(2)))

    row = house.row(message)
    assert (verdict.fate, verdict.at, row.failures, row.spared) == ("retry", row.due_at, 0, 1)
    [held] = house.events("MessageHeldBack")
    assert 2 <= held.details["delay_s"] <= 2 + retries.SPREAD_S


def test_that_has_an_end(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "HELD_BACK_AT_MOST", 2)
    message = house.place()
    failure = Failure(message, Attempt("worker", 10, "off", worker="w1", step="webhook"), CircuitOpen(2))

    fates = [retries.judge(failure).fate for _ in range(5)]

    assert fates == ["retry"] * 4 + ["dead"]
    [letter] = house.events("MessageDeadLettered")
    assert letter.details["group"] == "webhook: circuit open"


def is_due(house: BackOfHouse) -> bool:
    try:
        breaker.look(house.sandbox)
    except CircuitOpen:
        return False
    return True
