"""Acts that touch what is remembered: each undoes its own memory, and nobody else's."""

from __future__ import annotations

import random
import time

from tests.workers.back_of_house import BackOfHouse
from workers import sandboxes
from workers.database import begin, read
from workers.experiments import acts, scenario
from workers.experiments.stage import Stage
from workers.idempotency import seen
from workers.shop import effects
from workers.tables import orders


def stage(house: BackOfHouse) -> Stage:
    return Stage(house.sandbox, "token", 10, time.monotonic() + 60, random.Random(1))


def act(house: BackOfHouse, name: str) -> None:
    acts.do(stage(house), scenario.Plain.model_validate({"do": name}))


def first_time(sandbox: str, key: str) -> bool:
    with begin() as db:
        return effects.first_time(db, sandbox, key)


def test_the_keys_of_receivers_run_out_in_one_sandbox(house: BackOfHouse) -> None:
    other = sandboxes.create(awake=False)
    for sandbox in (house.sandbox, other):
        assert first_time(sandbox, "email:1")
    seen.mark(house.broker, house.sandbox, "email:1")

    act(house, "forget")

    assert first_time(house.sandbox, "email:1")
    assert not first_time(other, "email:1")
    assert seen.is_marked(house.broker, house.sandbox, "email:1")


def test_the_workers_own_keys_are_deleted_and_the_receivers_stay(house: BackOfHouse) -> None:
    assert first_time(house.sandbox, "email:1")
    seen.mark(house.broker, house.sandbox, "email:1")

    act(house, "unclaim")

    assert not seen.is_marked(house.broker, house.sandbox, "email:1")
    assert not first_time(house.sandbox, "email:1")


def test_every_order_of_the_run_has_a_new_address(house: BackOfHouse) -> None:
    house.commit()
    act(house, "readdress")

    with read() as db:
        found = list(db.execute(orders.select().where(orders.c.sandbox == house.sandbox)))
    assert [row.email for row in found] == ["new-ada@example.com"]


def test_a_place_that_is_drawn_is_the_same_for_the_same_seed(house: BackOfHouse) -> None:
    anywhere = scenario.Crash.model_validate({"do": "crash", "at": scenario.ANYWHERE})
    for _ in range(2):
        acts.do(stage(house), anywhere)

    places = [event.details["place"] for event in house.events("CrashArmed")]
    assert len(places) == 2
    assert len(set(places)) == 1
