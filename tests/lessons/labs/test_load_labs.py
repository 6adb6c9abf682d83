"""The effects that the labs of lessons 8 and 10 promise, again and again, on the running product."""

from __future__ import annotations

from typing import Any

import pytest

from tests.often import twenty_times
from tests.product import Sandbox, eventually
from tests.workers.witness import adds_up

POOL, CACHE = "/lessons/connections", "/lessons/warm-cache"


def run(sandbox: Sandbox, lesson: str, **choices: Any) -> dict[str, Any]:
    """Run a lab with these choices, and wait for what it measured."""
    answer = sandbox.http.post(f"{lesson}/runs", json=choices)
    assert answer.status_code == 202, answer.text
    eventually(lambda: not bench(sandbox, lesson)["running"], 90, "the run is over")
    assert adds_up(sandbox.snapshot()["ledger"])
    found: dict[str, Any] = next(each for each in bench(sandbox, lesson)["runs"] if choices.items() <= each.items())
    return found


def bench(sandbox: Sandbox, lesson: str) -> dict[str, Any]:
    found: dict[str, Any] = sandbox.http.get(f"{lesson}/lab").json()["bench"]
    return found


@twenty_times
@pytest.mark.timeout(400)
def test_more_workers_than_the_connections_carry_finish_fewer_orders(sandbox: Sandbox, number: int) -> None:
    three, four, eight, twelve = (run(sandbox, POOL, connections=2, workers=workers) for workers in (3, 4, 8, 12))

    fit = max(three["rate"], four["rate"])
    # Measured on two cores with nothing else to do: 2.4, 2.9, 2.0 and 1.0 orders a second.
    assert eight["rate"] < 1.1 * fit
    assert twelve["rate"] < 0.8 * fit
    assert three["dead"] == 0
    assert three["timed_out"] <= four["timed_out"] + 2 < eight["timed_out"] < twelve["timed_out"]
    assert run(sandbox, POOL, connections=12, workers=12)["waits"] == []
    ledger = sandbox.snapshot()["ledger"]
    assert ledger["placed"] == 5 * 24 == ledger["done"] + ledger["dead"]
    assert [event["placed"] for event in sandbox.events("FloodEnded")] == [24] * 5, "each by itself, with all that came"


@twenty_times
@pytest.mark.timeout(400)
def test_a_worker_that_keeps_the_list_warm_spares_everybody_the_stampede(sandbox: Sandbox, number: int) -> None:
    expiring, warm = (run(sandbox, CACHE, cache=way) for way in ("expiring", "warm"))

    assert 4 <= expiring["at_once"] <= 12
    assert 3 * 4 <= expiring["computed"] <= 3 * 12
    assert expiring["refused"] == warm["refused"] == 0
    assert expiring["longest"] >= 0.75
    assert (warm["computed"], warm["at_once"]) == (0, 0)
    assert warm["longest"] < 0.5
    assert warm["work_s"] < expiring["work_s"] / 2
    assert 3 <= warm["refreshed"] <= 8
