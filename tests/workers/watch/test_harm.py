"""Lost and duplicated orders are counted from effects, and counting never takes much of the supervisor's time."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from sqlalchemy import insert

from tests.workers.back_of_house import BackOfHouse
from workers import ledger, outbox, sandboxes, tables
from workers.database import begin, utc_now
from workers.watch.harm import Harm
from workers.watch.timeline import Sample


def test_lost_and_duplicated_are_counted_from_effects(house: BackOfHouse) -> None:
    do_harm(house)

    harm = counted(Harm(), house)

    assert harm.found == {house.sandbox: (1, 1)}


def test_what_does_not_move_is_not_counted_again(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    harm = counted(Harm(), house)
    monkeypatch.setattr(ledger, "count_harm", lambda _: pytest.fail("counted again"))
    harm.next_turn = 0

    harm.count([], [house.sandbox])


def test_a_turn_comes_after_a_pause(house: BackOfHouse) -> None:
    harm = counted(Harm(), house)
    do_harm(house)

    assert counted(harm, house).found == {house.sandbox: (0, 0)}

    harm.next_turn = 0
    assert counted(harm, house).found == {house.sandbox: (1, 1)}


def test_when_there_is_no_time_for_all_the_others_have_the_next_turn(
    house: BackOfHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.harm.A_TURN_S", 0)
    named = [house.sandbox, sandboxes.create(), sandboxes.create()]
    asked: list[str] = []

    def count(sandbox: str) -> tuple[int, int]:
        asked.append(sandbox)
        return 0, 0

    monkeypatch.setattr(ledger, "count_harm", count)
    harm = Harm()

    for _ in named:
        harm.next_turn = 0
        harm.count(named, named)

    assert sorted(asked) == sorted(named)


def test_a_new_supervisor_goes_on_from_what_was_measured(house: BackOfHouse) -> None:
    with begin() as db:
        row = asdict(Sample(int(utc_now().timestamp()), lost=2, duplicated=3))
        db.execute(insert(tables.samples).values(sandbox=house.sandbox, **row))
    harm = Harm()
    harm.next_turn = float("inf")

    assert counted(harm, house).found == {house.sandbox: (2, 3)}


def test_those_who_sleep_are_forgotten(house: BackOfHouse) -> None:
    harm = counted(Harm(), house)

    harm.count([], [])

    assert (harm.found, harm.stale) == ({}, {})


def counted(harm: Harm, house: BackOfHouse) -> Harm:
    harm.count([house.sandbox], [house.sandbox])
    return harm


def do_harm(house: BackOfHouse) -> None:
    """One order without its effects, and one with a repeated one."""
    lost, doubled = house.place(), house.place()
    outbox.close(lost, "w1", 1)
    with begin() as db:
        for _ in range(2):
            row = {"sandbox": house.sandbox, "order": doubled.order, "at": utc_now(), "points": 1}
            db.execute(insert(tables.loyalty_points).values(**row))
