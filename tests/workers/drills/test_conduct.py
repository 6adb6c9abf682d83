"""A drill as the ledger has it, without processes: begun, carried on after any restart, named, mended, ended, told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workers.back_of_house import BackOfHouse
from workers import calm, events, fleet, freezes, outages, sandboxes, veil
from workers.database import begin, insert_new, utc_now
from workers.drills import conduct, scores
from workers.drills import drill as drills
from workers.drills.drill import LASTS_S, NAME_WITHIN_S, Drill
from workers.drills.kinds import KINDS
from workers.errors import DrillRunning, NoDrill
from workers.tables import drills as rows
from workers.tables import samples


def begin_drill(house: BackOfHouse, kind: str, faulty: bool = True) -> Drill:
    conduct.start(house.sandbox, "token", kind)
    if faulty:
        house.age(rows, 60)
        conduct.carry_on()
    return latest(house)


def latest(house: BackOfHouse) -> Drill:
    found = drills.latest(house.sandbox)
    assert found
    return found


def serve(house: BackOfHouse) -> None:
    """Let the record and the figures of the last five seconds say that customers are served."""
    house.age(rows, 5)
    events.append(house.sandbox, events.MessageAcknowledged(), events.MessageAcknowledged())
    now = int(utc_now().timestamp())
    empty: dict[str, Any] = {column.name: 0 for column in samples.c if not column.nullable}
    with begin() as db:
        insert_new(db, samples, [empty | {"sandbox": house.sandbox, "second": now - ago} for ago in range(3)])


@pytest.mark.parametrize("kind", KINDS)
def test_while_it_goes_on_nothing_in_the_record_names_its_cause(house: BackOfHouse, kind: str) -> None:
    drill = begin_drill(house, kind)

    assert drill.state == "faulty"
    assert {event.type for event in house.events()} <= {"DrillStarted", "AlertFired"}

    conduct.end(house.sandbox, "gave up")
    told = [event.kind for event in house.events() if isinstance(event, events.DrillFaultInjected)]
    assert told == [kind]
    assert [event.type for event in house.events()][-1] == "DrillEnded"


def test_nothing_comes_before_its_time_and_whoever_leads_goes_on_with_it(house: BackOfHouse) -> None:
    quiet = begin_drill(house, "no_workers", faulty=False)
    conduct.carry_on()
    assert (quiet.state, sandboxes.settings_of(house.sandbox)["workers"]) == ("quiet", 2)

    house.age(rows, 60)
    for _ in range(3):
        conduct.carry_on()

    assert (latest(house).state, sandboxes.settings_of(house.sandbox)["workers"]) == ("faulty", 0)


def test_it_is_mended_when_the_fault_is_over_and_customers_are_served(house: BackOfHouse) -> None:
    begin_drill(house, "partner_down")
    serve(house)
    conduct.carry_on()
    assert latest(house).cured_at is None

    outages.end(house.sandbox)
    conduct.carry_on()
    assert (latest(house).cured_at is not None, latest(house).mended_at) == (True, None)

    serve(house)
    conduct.carry_on()
    assert latest(house).state == "mended"
    assert conduct.guess(house.sandbox, "partner_down").how == "mended"


def test_a_fault_that_comes_back_is_not_mended(house: BackOfHouse) -> None:
    begin_drill(house, "no_workers")
    house.change(workers=2)
    conduct.carry_on()
    house.change(workers=0)
    serve(house)
    conduct.carry_on()

    assert (latest(house).cured_at, latest(house).state) == (None, "faulty")


def test_every_guess_costs_and_is_said_once(house: BackOfHouse) -> None:
    begin_drill(house, "flood")

    conduct.guess(house.sandbox, "poison")
    with pytest.raises(NoDrill):
        conduct.guess(house.sandbox, "poison")
    named = conduct.guess(house.sandbox, "flood")
    with pytest.raises(NoDrill):
        conduct.guess(house.sandbox, "no_workers")

    assert [guess.right for guess in named.guesses] == [False, True]
    assert scores.of(named) == scores.Score(name=2, mend=0)
    assert not named.over


@pytest.mark.parametrize(
    ("state", "late_s", "how"), [("faulty", LASTS_S, "time was up"), ("mended", NAME_WITHIN_S, "mended")]
)
def test_it_ends_by_itself_and_heals(house: BackOfHouse, state: str, late_s: int, how: str) -> None:
    house.change(workers=3, speed=10)
    begin_drill(house, "partner_slow")
    if state == "mended":
        outages.end(house.sandbox)
        conduct.carry_on()
        serve(house)
        conduct.carry_on()
    assert latest(house).state == state
    house.age(rows, late_s + 1)

    conduct.carry_on()

    assert latest(house).how == how
    assert sandboxes.settings_of(house.sandbox) == sandboxes.DEFAULTS | {"workers": 3, "speed": 10}
    assert veil.under_way(house.sandbox) is None


@pytest.mark.parametrize("kind", KINDS)
def test_calm_ends_it_and_leaves_nothing_of_it(house: BackOfHouse, kind: str) -> None:
    house.change(speed=10)
    begin_drill(house, kind)

    calm.restore(house.sandbox)

    assert latest(house).how == "calm"
    assert sandboxes.settings_of(house.sandbox) == sandboxes.DEFAULTS
    assert [wish.state for wish in freezes.to_do() if wish.state != "thaw"] == []
    assert not fleet.claim_crash(house.sandbox, "w1", 1, "before:analytics")


def test_one_at_a_time_and_nobody_elses(house: BackOfHouse) -> None:
    other = BackOfHouse(house.broker, sandboxes.create())
    begin_drill(house, "no_workers")
    with pytest.raises(DrillRunning):
        conduct.start(house.sandbox, "token")
    begin_drill(other, "partner_down")

    conduct.end(house.sandbox, "gave up")

    assert latest(other).state == "faulty"
    assert sandboxes.settings_of(other.sandbox)["partner"] == "down"
    with pytest.raises(NoDrill):
        conduct.guess(house.sandbox, "no_workers")
    assert conduct.end(house.sandbox, "gave up") is None


def test_a_deleted_sandbox_takes_its_drill_along(house: BackOfHouse) -> None:
    begin_drill(house, "crash_loop")

    sandboxes.delete(house.sandbox)
    conduct.carry_on()

    assert drills.under_way() == []


def test_every_kind_comes_before_one_comes_again(house: BackOfHouse) -> None:
    for _ in KINDS:
        conduct.start(house.sandbox, "token")
        conduct.end(house.sandbox, "gave up")

    assert {drill.kind for drill in drills.of_sandbox(house.sandbox)} == set(KINDS)


def test_armed_crashes_can_always_be_taken_back(house: BackOfHouse) -> None:
    begin_drill(house, "crash_loop")
    assert fleet.claim_crash(house.sandbox, "w1", 1, "before:analytics")
    assert not fleet.claim_crash(house.sandbox, "w2", 2, "before:analytics")  # the next one is for later

    fleet.disarm(house.sandbox)
    conduct.carry_on()

    assert latest(house).cured_at
    assert not fleet.claim_crash(house.sandbox, "w2", 2, "before:analytics")


def test_what_the_reader_changes_herself_is_no_secret(house: BackOfHouse) -> None:
    begin_drill(house, "no_workers")

    house.change(workers=4)

    changed = [event for event in house.events() if isinstance(event, events.SettingsChanged)]
    assert [(event.changes, event.by) for event in changed] == [({"workers": 4}, "visitor")]


@pytest.mark.parametrize(("after_s", "points"), [(None, 0), (0.5, 3), (60, 3), (60.1, 2), (120, 2), (121, 1), (180, 1)])
def test_the_sooner_it_is_mended_the_more_points(house: BackOfHouse, after_s: float | None, points: int) -> None:
    assert scores._for_mend(after_s) == points
