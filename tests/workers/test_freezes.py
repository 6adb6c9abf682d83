"""A freeze at a place waits for its victim, for a minute at most, and stops nobody whom no supervisor lets go on."""

from __future__ import annotations

import pytest

from tests.workers.back_of_house import BackOfHouse
from workers import calm, fleet, freezes, tables
from workers.ongoing import ongoing

PLACE = "after:email"


@pytest.fixture
def armed(house: BackOfHouse) -> freezes.Freeze:
    """A wish that waits for w1."""
    fleet.born(house.sandbox, "w1", "rq-w1", 4242, "supervisor")
    return freezes.wish(house.sandbox, "w1", 30, PLACE)


def test_it_is_for_one_victim_at_one_place_once(house: BackOfHouse, armed: freezes.Freeze) -> None:
    assert (armed.state, armed.place, armed.worker, armed.pid) == ("armed", PLACE, None, None)
    assert freezes.claim(house.sandbox, "w2", 4243, PLACE) is None
    assert freezes.claim(house.sandbox, "w1", 4242, "before:email") is None
    assert freezes.claim("elsewhere", "w1", 4242, PLACE) is None
    assert freezes.to_do() == []

    assert freezes.claim(house.sandbox, "w1", 4242, PLACE) == armed.id

    [wish] = freezes.to_do()
    assert (wish.state, wish.worker, wish.pid, wish.seconds) == ("reached", "w1", 4242, 30)
    assert freezes.claim(house.sandbox, "w1", 4242, PLACE) is None


def test_it_waits_for_a_minute_and_is_in_force_so_long(house: BackOfHouse, armed: freezes.Freeze) -> None:
    assert [(fault.kind, fault.what) for fault in ongoing(house.sandbox)] == [("stop", PLACE)]

    house.age(tables.freezes, by_s=fleet.ARMED_FOR_S + 1)

    assert freezes.claim(house.sandbox, "w1", 4242, PLACE) is None
    assert ongoing(house.sandbox) == ()


@pytest.mark.parametrize("reached", [False, True])
def test_calm_disarms_it_and_whoever_has_got_there_goes_on(
    house: BackOfHouse, armed: freezes.Freeze, reached: bool
) -> None:
    if reached:
        freezes.claim(house.sandbox, "w1", 4242, PLACE)

    calm.restore(house.sandbox)

    assert freezes.claim(house.sandbox, "w1", 4242, PLACE) is None
    assert freezes.to_do() == []
    freezes.stand_still(armed.id)


def test_who_waits_in_vain_to_be_stopped_goes_on(
    house: BackOfHouse, armed: freezes.Freeze, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "ANSWER_WITHIN_S", 0.1)
    freezes.claim(house.sandbox, "w1", 4242, PLACE)

    freezes.stand_still(armed.id)

    assert freezes.to_do() == []
    assert house.events("WorkerFrozen") == []
