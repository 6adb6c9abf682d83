"""Workers die, and their work does not."""

from __future__ import annotations

import os
import signal
import statistics
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from tests.product import Product, Sandbox, eventually
from tests.workers.witness import adds_up, at, effects
from workers.checkout import LATER
from workers.fleet import PLACES

STEPS = [step.name for step in LATER]
# The places between the steps with repeats that nobody recognises, and the last one also with receivers that do;
# those in a step with a strategy that has such an action, at the first step only.
SERIES = [
    *((place, "off") for place in PLACES if place.startswith(("now", "before", "after"))),
    *(("in:email", "off"), ("check:email", "check_then_mark"), ("mark:email", "check_then_mark")),
    *(("claim:email", "claim_with_lease"), ("before_ack", "receiver")),
]


@pytest.fixture(scope="module")
def crashed(product: Product) -> Iterator[dict[tuple[str, str], Sandbox]]:
    """One order in a sandbox for every place, whose only worker is killed there; all at once, to save time."""
    leased = {"visibility_timeout_s": 2, "workers": 1, "speed": 10}
    series = {case: product.new_sandbox(idempotency=case[1], **leased) for case in SERIES}
    armed = {case: sandbox for case, sandbox in series.items() if case[0] != "now"}
    for (place, _), sandbox in armed.items():
        sandbox.crash(at=place)
    with ThreadPoolExecutor(len(series)) as customers:
        list(customers.map(lambda sandbox: sandbox.place(), armed.values()))
    at_once = series["now", "off"]
    at_once.place()
    at_once.wait_for("StepStarted", count=3)
    at_once.crash(at="now")
    yield series
    for sandbox in series.values():
        sandbox.leave()


@pytest.mark.parametrize("case", SERIES, ids=" ".join)
def test_a_crashed_workers_order_is_finished_by_another(
    crashed: dict[tuple[str, str], Sandbox], case: tuple[str, str]
) -> None:
    sandbox = crashed[case]

    ledger = sandbox.wait_until_done(1)["ledger"]

    [crash] = sandbox.events("WorkerCrashed")
    [redelivered] = sandbox.events("MessageRedelivered")
    [acknowledged] = sandbox.events("MessageAcknowledged")
    assert crash["order"] == redelivered["order"] == acknowledged["order"]
    assert crash["signal"] == "SIGKILL"
    assert acknowledged["worker"] != crash["worker"]
    assert sandbox.order(acknowledged["order"])["complete"]
    assert adds_up(ledger)
    assert (ledger["placed"], ledger["done"], ledger["lost"]) == (1, 1, 0)


@pytest.mark.parametrize("case", [case for case in SERIES if case[0] != "now"], ids=" ".join)
def test_a_worker_dies_at_the_place_that_was_named(
    crashed: dict[tuple[str, str], Sandbox], case: tuple[str, str]
) -> None:
    [crash] = crashed[case].wait_for("WorkerCrashed")

    done = [event["step"] for event in crashed[case].events("StepFinished") if event["worker"] == crash["worker"]]

    assert done == steps_until(case[0])


def test_without_idempotency_a_late_crash_does_everything_twice(
    product: Product, crashed: dict[tuple[str, str], Sandbox]
) -> None:
    sandbox = crashed["before_ack", "off"]

    ledger = sandbox.wait_until_done(1)["ledger"]

    assert ledger["duplicated"] == 1
    assert (len(sandbox.inbox()), len(sandbox.deliveries())) == (2, 2)
    assert len(effects(product, "loyalty_points", sandbox)) == 2
    assert sandbox.events("DuplicateSuppressed") == []


def test_receivers_that_remember_the_key_make_the_repeat_harmless(
    product: Product, crashed: dict[tuple[str, str], Sandbox]
) -> None:
    sandbox = crashed["before_ack", "receiver"]

    ledger = sandbox.wait_until_done(1)["ledger"]

    assert ledger["duplicated"] == 0
    assert (len(sandbox.inbox()), len(sandbox.deliveries())) == (1, 1)
    assert len(effects(product, "loyalty_points", sandbox)) == 1
    assert [event["step"] for event in sandbox.events("DuplicateSuppressed")] == STEPS


@pytest.mark.timed
def test_a_death_is_noticed_within_a_second(sandbox: Sandbox) -> None:
    sandbox.change(workers=3)
    noticed: list[float] = []
    for worker in sandbox.wait_for_workers(3):
        killed_at = datetime.now(UTC)
        os.kill(worker["pid"], signal.SIGKILL)
        crash = sandbox.wait_for("WorkerCrashed", count=len(noticed) + 1)[-1]
        assert crash["pid"] == worker["pid"]
        noticed.append((at(crash) - killed_at).total_seconds())

    assert statistics.median(noticed) < 1
    sandbox.wait_for_workers(3)


@pytest.mark.timed
def test_a_living_worker_keeps_its_message_and_a_dead_ones_comes_back_on_time(product: Product) -> None:
    sandbox = product.new_sandbox(speed=1, workers=1, visibility_timeout_s=2)
    [worker] = sandbox.wait_for_workers(1)
    sandbox.place()
    step = sandbox.wait_for("StepStarted", count=4)[
        -1
    ]  # 2 s after the message was taken: the first lease would be over
    assert (step["step"], step["worker"]) == ("pdf", worker["name"])
    killed_at = datetime.now(UTC)

    os.kill(worker["pid"], signal.SIGKILL)

    [crash] = sandbox.wait_for("WorkerCrashed")
    back_at = datetime.fromisoformat(crash["back_at"])
    assert 0.75 * 2 - 0.7 < (back_at - killed_at).total_seconds() < 2.1
    [dead] = eventually(lambda: [w for w in sandbox.snapshot()["workers"] if not w["alive"]])
    assert (dead["name"], dead["state"], dead["step"], dead["order"]) == (worker["name"], "dead", "pdf", crash["order"])
    [redelivered] = sandbox.wait_for("MessageRedelivered")
    taken = sandbox.wait_for("MessageTaken", count=2)[-1]
    assert 0 <= (at(redelivered) - back_at).total_seconds() < 1
    assert 0 <= (at(taken) - back_at).total_seconds() < 1
    assert taken["worker"] != worker["name"]
    sandbox.leave()


def test_a_new_worker_replaces_the_dead_one(sandbox: Sandbox) -> None:
    before = sandbox.wait_for_workers(2)

    killed = sandbox.crash(at="now", victim=before[0]["name"])

    pids = {killed["pid"], before[1]["pid"]}
    [new] = eventually(lambda: [worker for worker in sandbox.living_workers() if worker["pid"] not in pids])
    after = sandbox.wait_for_workers(2)
    assert killed["pid"] == before[0]["pid"]
    assert new["name"] not in [worker["name"] for worker in before], "its place shows the dead one"
    assert [worker["pid"] for worker in after] == [before[1]["pid"], new["pid"]]


def test_an_armed_crash_waits_for_its_victim(sandbox: Sandbox) -> None:
    first, other = sandbox.wait_for_workers(2)
    sandbox.change(visibility_timeout_s=2)
    sandbox.crash(at="before:email", victim=first["name"])

    for _ in range(4):
        sandbox.place()

    sandbox.wait_until_done(4)
    assert {crash["worker"] for crash in sandbox.events("WorkerCrashed")} <= {first["name"]}
    assert other["name"] in [worker["name"] for worker in sandbox.living_workers()]


def steps_until(place: str) -> list[str]:
    """The steps that are done when a worker has got to a place."""
    side, _, step = place.partition(":")
    return STEPS if place == "before_ack" else STEPS[: STEPS.index(step) + (side in ("mark", "after"))]
