"""Real floods on real workers: what each answer to them promises, and that nothing accepted is lost whatever dies."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.product import Product, Sandbox, last_sequence
from tests.workers.witness import adds_up, settled

# The quick form; twenty of twenty as a soak.
ONCE_OR_OFTEN = [1, pytest.param(20, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
PER_SECOND, SECONDS = 200, 3  # small messages: twice what one worker does at the story's speed


@pytest.fixture
def shop(product: Product) -> Iterator[Sandbox]:
    made = product.new_sandbox()
    yield made
    made.leave()


def flood(sandbox: Sandbox, per_second: int = PER_SECOND, priority: str = "low") -> None:
    wanted = {"kind": "analytics", "priority": priority, "per_second": per_second, "seconds": SECONDS}
    assert sandbox.http.post(sandbox.url("/floods"), json=wanted).status_code == 202


def after_flood(sandbox: Sandbox, floods: int = 1, so_far: int = 0, **settings: Any) -> dict[str, Any]:
    """Flood under these settings; the snapshot when the flood is over, in which the ledger adds up."""
    sandbox.change(**settings)
    sandbox.wait_for_workers(settings["workers"])
    flood(sandbox)
    if floods == 2:
        flood(sandbox, per_second=150, priority="high")
    sandbox.wait_for("FloodEnded", so_far + floods, within_s=30)
    snapshot = sandbox.change(speed=sandbox.snapshot()["settings"]["speed"])
    assert adds_up(snapshot["ledger"])
    return snapshot


def clear(sandbox: Sandbox) -> dict[str, int]:
    """Let ten fast workers do what is left; the ledger, in which nothing is lost and nothing was done twice."""
    sandbox.change(workers=10, speed=10, backpressure="none")
    ledger = settled(sandbox, within_s=40)
    assert ledger["duplicated"] == 0
    return ledger


@pytest.mark.parametrize("times", ONCE_OR_OFTEN)
def test_a_worker_falls_behind_by_what_it_cannot_do(shop: Sandbox, times: int) -> None:
    for time in range(times):
        before = shop.snapshot()["ledger"]["placed"]
        ledger = after_flood(shop, so_far=time, workers=1, speed=1)["ledger"]

        # 60 tickets come, at ten a second one worker does 30, and what the machine delays comes on top.
        assert ledger["placed"] - before == PER_SECOND * SECONDS / 10
        assert 20 <= ledger["waiting"] <= 55
        clear(shop)


@pytest.mark.parametrize("times", ONCE_OR_OFTEN)
def test_enough_workers_keep_up(shop: Sandbox, times: int) -> None:
    for time in range(times):
        assert after_flood(shop, so_far=time, workers=5, speed=1)["ledger"]["waiting"] <= 10
        clear(shop)


@pytest.mark.parametrize("times", ONCE_OR_OFTEN)
def test_a_limit_refuses_the_rest_and_loses_nobody(shop: Sandbox, times: int) -> None:
    refused = 0
    for time in range(times):
        snapshot = after_flood(shop, so_far=time, workers=1, speed=1, backpressure="reject", queue_limit=10)

        assert snapshot["ledger"]["waiting"] + snapshot["ledger"]["running"] <= 10
        assert 10 <= snapshot["ledger"]["refused"] - refused <= 50
        refused = snapshot["ledger"]["refused"]
        ledger = clear(shop)
        assert ledger["placed"] == ledger["done"] == sum(end["placed"] for end in shop.events("FloodEnded")) / 10


@pytest.mark.parametrize("times", ONCE_OR_OFTEN)
@pytest.mark.parametrize(("share", "fewest", "most"), [(0, 0, 1), (0.2, 3, 12)])
def test_strict_priority_starves_and_a_share_cures_it(
    shop: Sandbox, times: int, share: float, fewest: int, most: int
) -> None:
    for time in range(times):
        before = last_sequence(shop.events())
        settings = {"workers": 1, "speed": 1, "backpressure": "prioritise", "low_share": share}
        after_flood(shop, floods=2, so_far=2 * time, **settings)

        counted = [event for event in shop.events("TicketCounted") if event["sequence"] > before]
        first = next(place for place, event in enumerate(counted) if event["about"] == "payments")
        low = sum(event["about"] == "analytics" for event in counted[first : first + 30])
        assert fewest <= low <= most
        clear(shop)


@pytest.mark.parametrize("times", ONCE_OR_OFTEN)
def test_what_is_shed_is_counted_and_the_rest_is_fresh(shop: Sandbox, times: int) -> None:
    for time in range(times):
        ledger = after_flood(shop, so_far=time, workers=1, speed=1, backpressure="shed", shed_after_s=1)["ledger"]

        assert ledger["shed"] >= 5 * (time + 1)
        before, events = last_sequence(shop.events()), shop.events("TicketCounted")
        # What is older than a second is dropped when its turn comes, so nothing older is ever counted meanwhile.
        assert all(event["waited_s"] <= 1 for event in events[-5:] if event["sequence"] <= before)
        clear(shop)
    assert len({event["message"] for event in shop.events("MessageShed")}) == shop.snapshot()["ledger"]["shed"]


@pytest.mark.parametrize(("seconds", "kills"), [(3, 6), pytest.param(30, 50, marks=pytest.mark.soak)])
def test_nothing_accepted_is_lost_under_flood_and_kills_together(
    product: Product, shop: Sandbox, seconds: int, kills: int
) -> None:
    """The client counts its own 202s; then rows and effects are counted."""
    shop.change(workers=5, visibility_timeout_s=2, backpressure="prioritise", low_share=0.1)
    shop.wait_for_workers(5)
    wanted = {"kind": "analytics", "per_second": 400, "seconds": seconds}
    assert shop.http.post(shop.url("/floods"), json=wanted).status_code == 202
    accepted = 0
    for number in itertools.count():
        about = random.choice(("payments", "analytics"))
        answer = shop.http.post(shop.url("/tickets"), json={"about": about, "events": ["mine"] * 5})
        assert answer.status_code == 202
        accepted += 1
        if number % 10 == 9 and kills:
            kills -= 1
            kill(shop)
        if not kills and shop.events("FloodEnded"):
            break
    shop.change(visibility_timeout_s=2)

    ledger = clear(shop)

    flooded = sum(event["placed"] for event in shop.events("FloodEnded")) / 10
    assert ledger["done"] == ledger["placed"] == accepted + flooded
    assert {event["type"] for event in shop.events("WorkerCrashed")} == {"WorkerCrashed"}


def kill(sandbox: Sandbox) -> None:
    """Kill whoever is there; between two deaths there may be nobody."""
    answer: httpx.Response = sandbox.http.post(sandbox.url("/crashes"), json={"at": "now"})
    assert answer.status_code in (202, 409)
