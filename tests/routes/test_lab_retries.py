"""The promises of the lab of retries, kept by real workers and a real partner, within stated bands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.often import TIMES, once_or_twenty_times
from tests.product import Product, Sandbox, eventually
from tests.routes.asking import problem, wrong_fields
from tests.workers.witness import adds_up

LAB = "/lessons/retries/lab"
RUNS = "/lessons/retries/runs"
ACTS = "/lessons/retries/acts"
Ran = dict[str, Any]


def begin(sandbox: Sandbox, **choices: Any) -> None:
    answer = sandbox.http.post(RUNS, json=choices)
    assert answer.status_code == 202, answer.text


def finished(sandbox: Sandbox) -> Ran:
    """The newest run, once all of its messages are done or put aside, and the ledger adds up."""

    def look() -> Ran:
        newest: Ran = sandbox.http.get(LAB).json()["bench"]["runs"][0]
        return newest if newest["over"] else {}

    run = eventually(look, 110, "the end of the run")
    assert adds_up(sandbox.snapshot()["ledger"])
    return run


def ran(sandbox: Sandbox, **choices: Any) -> Ran:
    begin(sandbox, **choices)
    return finished(sandbox)


@pytest.fixture
def lab(product: Product) -> Iterator[Sandbox]:
    made = product.new_sandbox()
    yield made
    made.leave()


# A short trouble in the suite, too short for pauses with jitter to grow; the lab's own fifteen seconds in the soak.
HERDS = [
    (0, 5),
    *(pytest.param(number, 15, marks=[pytest.mark.soak, pytest.mark.timeout(400)]) for number in range(1, TIMES + 1)),
]


@pytest.mark.parametrize(("number", "seconds"), HERDS)
def test_the_herd_and_how_jitter_and_the_breaker_spare_the_partner(lab: Sandbox, number: int, seconds: int) -> None:
    many = {"trouble": "down", "messages": 50, "seconds": seconds, "attempts": 10}
    fixed = ran(lab, **many, backoff="fixed")
    breaker = ran(lab, **many, backoff="fixed", circuit_breaker=True)
    check_spared(fixed, breaker)
    if seconds > 5:
        doubling, jitter = (ran(lab, **many, backoff=how) for how in ("exponential", "exponential_jitter"))
        print([run["partner"] for run in (fixed, breaker, doubling, jitter)])
        check_spread(fixed, jitter)
        check_spread(doubling, jitter)
    check_record(lab, runs=4 if seconds > 5 else 2)


@once_or_twenty_times
def test_fifty_that_do_not_pause_are_all_put_aside(lab: Sandbox, number: int) -> None:
    run = ran(lab, trouble="down", messages=50, seconds=15, attempts=3, backoff="none")

    assert (run["done"], run["dead"]) == (0, 50)
    assert run["back"] is None or run["took"] < run["back"], "the last of them was put aside before that"


def check_spread(in_step: Ran, jitter: Ran) -> None:
    """In step the partner's busiest second after its return has at least one and a half times the calls.

    On a machine that has nothing else to do it is three to five times; where ten workers share less than a core, they
    themselves spread the herd.
    """
    herd, spread = in_step["partner"]["busiest_after"], jitter["partner"]["busiest_after"]
    assert herd >= 1.5 * spread, (in_step["partner"], jitter["partner"])
    assert in_step["done"] == jitter["done"] == 50


def check_spared(fixed: Ran, breaker: Ran) -> None:
    """With the breaker at most a third of the calls are made while the partner is down, and none is lost for it."""
    assert breaker["partner"]["while_down"] <= fixed["partner"]["while_down"] / 3, breaker["partner"]
    assert fixed["partner"]["busiest_after"] > 5, "in step"
    assert fixed["done"] == breaker["done"] == 50


def check_record(lab: Sandbox, runs: int) -> None:
    """The circuit opened and is closed, each trouble has healed by itself, and all of the fifties are done."""
    said = [event["type"] for event in lab.events("CircuitOpened", "CircuitHalfOpened", "CircuitClosed")]
    assert (said[0], said[-1]) == ("CircuitOpened", "CircuitClosed")
    assert len(lab.events("OutageStarted")) == len(lab.events("OutageEnded")) == runs
    ledger = lab.snapshot()["ledger"]
    assert (ledger["placed"], ledger["done"], ledger["lost"]) == (50 * runs, 50 * runs, 0)


@once_or_twenty_times
def test_without_a_pause_all_tries_are_over_within_a_moment_and_the_partner_is_not_back(
    lab: Sandbox, number: int
) -> None:
    run = ran(lab, trouble="down", messages=1, seconds=5, attempts=5, backoff="none")

    assert (run["done"], run["dead"]) == (0, 1)
    assert run["took"] < 5
    assert [len(row["tries"]) for row in run["rows"]] == [5]
    repaired = lab.http.post(ACTS, json={"act": "replay_all"})
    assert repaired.status_code == 202


@once_or_twenty_times
def test_the_poison_is_repaired_and_replayed_and_then_it_is_done(lab: Sandbox, number: int) -> None:
    run = ran(lab, trouble="poison", attempts=3, backoff="none")
    assert run["dead"] == 1
    [order] = [row["order"] for row in run["rows"]]
    letter = lab.http.get(lab.url("/dead-letters"), params={"search": str(order)}).json()["letters"][0]
    about = {"message": letter["message"]}

    assert wrong_fields(lab.http.post(ACTS, json={"act": "repair", **about})) == {"email"}
    assert wrong_fields(lab.http.post(ACTS, json={"act": "replay"})) == {"message"}
    problem(lab.http.post(ACTS, json={"act": "replay", "message": "nobody-1"}), 404)
    assert lab.http.post(ACTS, json={"act": "repair", **about, "email": "right@example.com"}).status_code == 202
    assert lab.http.post(ACTS, json={"act": "replay", **about}).status_code == 202

    assert (finished(lab)["done"], finished(lab)["dead"]) == (1, 0)


@once_or_twenty_times
def test_a_message_that_kills_is_put_aside_after_three_deaths(lab: Sandbox, number: int) -> None:
    run = ran(lab, trouble="deadly", backoff="none")

    assert [each["state"] for each in run["rows"][0]["tries"]] == ["killed"] * 3
    assert run["dead"] == 1


@once_or_twenty_times
def test_a_slow_partner_has_orders_twice_unless_it_honours_the_key(lab: Sandbox, number: int) -> None:
    slow = {"trouble": "slow", "messages": 1, "seconds": 5, "attempts": 10, "backoff": "fixed"}

    assert ran(lab, **slow)["partner"]["twice"] == 1
    assert ran(lab, **slow, idempotency="receiver")["partner"]["twice"] == 0


def test_what_the_lab_does_not_offer_is_refused(lab: Sandbox) -> None:
    wrong = {"trouble": "on fire", "seconds": 6, "messages": 2, "attempts": 4, "backoff": "lazy", "circuit_breaker": 1}

    for name, value in wrong.items():
        assert wrong_fields(lab.http.post(RUNS, json={name: value})) == {name}


def test_one_run_at_a_time(lab: Sandbox) -> None:
    begin(lab, trouble="down", messages=1, seconds=5, attempts=10, backoff="fixed")

    refused = lab.http.post(RUNS, json={"trouble": "down"})

    assert problem(refused, 429)["cap"] == "runs at a time"
    finished(lab)
