"""The promises of the labs of lessons 8 and 10, kept by real connections and real requests."""

from __future__ import annotations

from typing import Any

import pytest

from tests.often import twenty_times
from tests.product import Sandbox, eventually
from tests.workers.witness import settled

Ran = dict[str, Any]


def ran(lab: Sandbox, slug: str, **choices: Any) -> Ran:
    """One run of a lab, once it is over; what was chosen tells it from the others."""
    asked = lab.http.post(f"/lessons/{slug}/runs", json=choices)
    assert asked.status_code == 202, asked.text

    def bench() -> Ran:
        found: Ran = lab.http.get(f"/lessons/{slug}/lab").json()["bench"]
        return found

    eventually(lambda: not bench()["running"], 100, f"the end of the run with {choices}")
    run: Ran = next(run for run in bench()["runs"] if all(run[name] == value for name, value in choices.items()))
    print({name: value for name, value in run.items() if name not in ("visits", "waits")})
    return run


@twenty_times
@pytest.mark.timeout(300)
def test_workers_beyond_the_pool_wait_in_vain_and_get_less_done(sandbox: Sandbox, number: int) -> None:
    few, fits, many = (ran(sandbox, "connections", connections=2, workers=workers) for workers in (2, 4, 12))
    roomy = ran(sandbox, "connections", connections=12, workers=12)

    assert few["timed_out"] == roomy["timed_out"] == 0 < many["timed_out"]
    assert (few["done"], roomy["done"]) == (24, 24)
    assert fits["rate"] > few["rate"], "there is room for more workers than connections: they hold one only at times"
    assert many["rate"] < fits["rate"], "beyond that each further worker makes it slower"
    assert many["longest"] > fits["longest"] > few["longest"]
    assert roomy["rate"] > fits["rate"]
    assert settled(sandbox)["dead"] == many["dead"], "what was tried in vain is done again, and may be there twice"


@twenty_times
@pytest.mark.timeout(300)
def test_on_expiry_many_make_the_same_list_and_kept_warm_nobody_waits_for_it(sandbox: Sandbox, number: int) -> None:
    none, expiring, warm = (ran(sandbox, "warm-cache", cache=way) for way in ("none", "expiring", "warm"))

    assert none["computed"] + none["refused"] == len(none["visits"]), "without a cache each visitor makes the list"
    assert expiring["at_once"] >= 2, "the stampede"
    assert expiring["at_once"] <= expiring["computed"] < none["computed"]
    assert (warm["computed"], warm["refreshed"] > 0) == (0, True)
    assert warm["longest"] < expiring["longest"]
