"""The lab of lesson 8 reads from the record what so many workers finished with so many connections."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lessons.labs import pool
from lessons.labs.pool import RunForm
from lessons.labs.pool_runs import Bench, Run, read
from tests.workers.back_of_house import BackOfHouse
from workers import commitments, events, floods, sandboxes
from workers.errors import OverLimit
from workers.events import Event

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def record(ended: bool = True) -> list[Event]:
    """Two orders done after 4 s and 8 s, a third put aside after 10 s; one wait of three was in vain."""
    happened: list[Event] = [
        events.FloodStarted(per_second=3, seconds=1, at=at(0)),
        *[events.OrderPlaced(order=number, checkout="later", at=at(1)) for number in (1, 2, 3)],
        *[events.ConnectionWaited(order=2, step="audit", seconds=s, got=True, at=at(3)) for s in (0.02, 0.06)],
        events.ConnectionWaited(order=3, step="audit", seconds=0.15, got=False, at=at(4)),
        events.StepFailed(order=3, step="audit", where="worker", error="There was no connection", at=at(4)),
        events.MessageAcknowledged(order=1, at=at(5)),
        events.MessageAcknowledged(order=2, at=at(9)),
        events.MessageDeadLettered(order=3, group="audit: no connection", error="none", at=at(11)),
        # of somebody else's order, which was on its way before
        events.MessageAcknowledged(order=99, at=at(12)),
    ]
    return [*happened, events.FloodEnded(placed=3, refused=0, at=at(12))] if ended else happened


def run_of(workers: int, done: int, took: float, connections: int = 2, **more: int) -> Run:
    fields = {"after": workers, "placed": 24, "dead": 24 - done, "waits": (), "timed_out": 0, "failed": 0} | more
    return Run(connections, workers, done=done, took=took, over=True, gave_up=False, **fields)  # type: ignore[arg-type]


FALLING = (run_of(2, 24, 16), run_of(4, 24, 8), run_of(8, 16, 8, timed_out=36, failed=36))


def test_a_run_is_over_when_every_order_is_done_or_put_aside() -> None:
    run = read(2, 4, 7, record(), at(20))

    assert (run.placed, run.done, run.dead, run.over) == (3, 2, 1, True)
    assert (run.took, run.rate) == (10, 0.2)
    assert (run.median, run.longest, run.timed_out, run.failed) == (0.06, 0.15, 1, 1)


def test_a_run_goes_on_while_customers_come_and_is_given_up_after_a_minute() -> None:
    assert not read(2, 4, 7, record(ended=False), at(59)).over
    given_up = read(2, 4, 7, record(ended=False), at(61))
    assert (given_up.over, given_up.counts) == (True, False)


def test_runs_with_the_same_connections_are_compared_and_of_those_the_newest() -> None:
    twelve = run_of(12, 24, 3, connections=12, after=99)
    three = tuple(run_of(workers, 24, 8, connections=3, after=50 + workers) for workers in (2, 4, 6))

    assert Bench((*FALLING, twelve)).alike == FALLING
    assert Bench((*FALLING, *three, twelve)).alike == three
    assert Bench((run_of(2, 24, 16), twelve)).alike == (twelve,)
    assert Bench().alike == ()


@pytest.mark.parametrize(("rates", "holds"), [((3, 2, 1), "fewest"), ((1.5, 3, 2), "between"), ((1, 2, 3), "most")])
def test_the_observation_is_held_against_the_rates(rates: tuple[float, ...], holds: str) -> None:
    alike = tuple(run_of(workers, 24, 24 / rate) for workers, rate in zip((2, 4, 8), rates, strict=True))

    said = {choice: pool.held_against(alike, choice) for choice in ("fewest", "between", "most")}

    assert [choice for choice, found in said.items() if found.agrees] == [holds]


def test_the_explanation_quotes_the_runs_and_littles_law() -> None:
    told = pool.held_against(FALLING, "between").evidence

    assert "1.5 with 2 workers, 3.0 with 4 workers, 2.0 with 8 workers" in told
    assert "2 of them carry at most 4.1 orders a second" in told
    assert "work for 4.9 workers" in told
    assert "36 waits were in vain, and 36 tries failed" in told
    assert "8 orders ended as dead letters" in told
    assert "in vain" not in pool.held_against(FALLING[:2], "most").evidence


def test_the_dots_of_several_pools_stand_a_little_apart() -> None:
    beside = run_of(4, 24, 8, connections=12)
    [[_, four, _], [other]] = Bench((*FALLING, beside)).lines

    assert four.y == other.y
    assert 1 < other.x - four.x < 4
    [[alone]] = Bench((beside,)).lines
    assert alone.x == Bench().width.share(4)


@pytest.mark.parametrize("wrong", [{"connections": 5}, {"workers": 5}, {"workers": True}, {"pool": 2}])
def test_only_the_choices_can_be_run(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        RunForm(**wrong)


def test_there_is_no_second_run_while_one_goes_on(house: BackOfHouse) -> None:
    pool.run(house.sandbox, RunForm(connections=2, workers=4))

    with pytest.raises(OverLimit):
        pool.run(house.sandbox, RunForm(connections=2, workers=8))
    settings = sandboxes.settings_of(house.sandbox)
    assert (settings["workers"], settings["pool_size"], settings["backoff"]) == (4, 2, "none")
    assert [run.kind for run in pool.look(house.sandbox).runs] == [(2, 4)]


def test_a_run_beside_a_flood_is_refused_and_changes_nothing(house: BackOfHouse) -> None:
    before = sandboxes.settings_of(house.sandbox)
    floods.start(house.sandbox, 1, 1, "token")

    with pytest.raises(OverLimit):
        pool.run(house.sandbox, RunForm())
    assert sandboxes.settings_of(house.sandbox) == before
    assert pool.look(house.sandbox).runs == ()


def test_an_observation_needs_three_numbers_of_workers(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    events.append(house.sandbox, *record())
    monkeypatch.setattr(pool, "utc_now", lambda: at(0) + timedelta(days=365))
    for workers in ("2", "4"):
        commitments.commit(house.sandbox, pool.LAB, f"2-{workers}", "0")
    assert pool.observe(house.sandbox, "most") is None
    commitments.commit(house.sandbox, pool.LAB, "2-8", "0")

    assert pool.observe(house.sandbox, "most") is not None
    monkeypatch.setattr(pool, "from_flood", None)  # what is over is read once
    assert [run.done for run in pool.look(house.sandbox).runs] == [2, 2, 2]
