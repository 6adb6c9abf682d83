"""The worker's side of a hold: it stands until it may go, whatever becomes of the hold, the broker or its sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.product import eventually
from tests.workers.back_of_house import BackOfHouse
from workers import barriers, calm, events, fleet, holds, sandboxes, tables
from workers.errors import NobodyStands, NoHold, NoSuchWorker
from workers.holds import Stepped

Stand = Callable[[str], Future[None]]


@pytest.fixture
def stand(house: BackOfHouse) -> Iterator[Stand]:
    """Lets worker w1 come to a place; it goes on when its future has a result."""
    fleet.born(house.sandbox, "w1", "rq-w1", 1, "a supervisor")
    with ThreadPoolExecutor(4) as workers:

        def come(place: str) -> Future[None]:
            coming = workers.submit(barriers.stand, house.sandbox, "w1", 1001, 3, place)
            eventually(lambda: holds.standing(house.sandbox) or coming.done())
            return coming

        yield come
        holds.end(house.sandbox)


def test_who_stands_is_known_and_goes_on_when_released(house: BackOfHouse, stand: Stand) -> None:
    holds.start(house.sandbox, "email", 60)
    coming = stand("in:email")

    [stands] = holds.standing(house.sandbox)
    assert (stands.worker, stands.order, stands.delivery, stands.place) == ("w1", 1001, 3, "in:email")
    holds.release(house.sandbox, "w1")

    coming.result(5)
    assert holds.standing(house.sandbox) == []
    told = house.events("HoldStarted", "WorkerHeld", "WorkerReleased")
    assert [event.type for event in told] == ["HoldStarted", "WorkerHeld", "WorkerReleased"]
    assert [(event.order, event.attempt, event.step) for event in told[1:]] == [(1001, 3, "email")] * 2


@pytest.mark.parametrize(
    "end",
    [
        holds.end,
        calm.restore,
        lambda sandbox: holds.start(sandbox, "pdf", 60),
        sandboxes.delete,
        lambda _: holds.end_the_due(),
    ],
    ids=["ended", "calm", "another step", "sandbox deleted", "its time is over"],
)
def test_nobody_stands_when_the_hold_is_over(
    house: BackOfHouse, stand: Stand, end: Callable[[str], object], request: pytest.FixtureRequest
) -> None:
    holds.start(house.sandbox, "email", 60)
    coming = stand("mark:email")
    if "time" in request.node.name:
        house.age(tables.holds, by_s=60)

    end(house.sandbox)

    coming.result(5)
    assert holds.standing(house.sandbox) == []
    if sandboxes.exists(house.sandbox):
        assert len(house.events("HoldEnded")) == 1


@pytest.mark.parametrize(
    ("place", "stands"),
    [
        *((f"{action}:email", True) for action in ("check", "claim", "in", "mark")),
        *(("before_ack", True), ("before:email", False), ("after:email", False), ("in:pdf", False)),
    ],
)
def test_a_hold_is_about_the_actions_of_its_step(house: BackOfHouse, stand: Stand, place: str, stands: bool) -> None:
    holds.start(house.sandbox, "email", 60)

    coming = stand(place)

    if stands:
        assert not coming.done()
    else:
        coming.result(5)


def test_the_broker_only_rings(house: BackOfHouse, stand: Stand, broker_away: None) -> None:
    holds.start(house.sandbox, "email", 60)
    coming = stand("in:email")

    holds.release(house.sandbox, "w1")

    coming.result(5)


def test_a_release_is_for_one_place_only(house: BackOfHouse, stand: Stand) -> None:
    holds.start(house.sandbox, "email", 60)
    coming = stand("check:email")
    holds.release(house.sandbox, "w1")
    with pytest.raises(NobodyStands):
        holds.release(house.sandbox, "w1")
    coming.result(5)

    assert not stand("in:email").done()


def test_a_release_needs_a_hold_a_worker_and_that_it_stands(house: BackOfHouse, stand: Stand) -> None:
    with pytest.raises(NoHold):
        holds.release(house.sandbox, "w1")
    holds.start(house.sandbox, "email", 60)
    with pytest.raises(NobodyStands):
        holds.release(house.sandbox, "w1")
    with pytest.raises(NoSuchWorker):
        holds.release(house.sandbox, "w2")


def test_a_step_tells_where_it_led(house: BackOfHouse, stand: Stand) -> None:
    holds.start(house.sandbox, "email", 60)
    coming = stand("check:email")
    coming.add_done_callback(lambda _: stand("in:email"))

    assert holds.step(house.sandbox, "w1") == Stepped("w1", "standing", "in:email")
    assert holds.step(house.sandbox, "w1", within_s=0.1) == Stepped("w1", "working")


def test_a_dead_worker_does_not_stand(house: BackOfHouse, stand: Stand) -> None:
    holds.start(house.sandbox, "email", 60)
    stand("in:email")

    fleet.ended("rq-w1", house.sandbox, events.WorkerCrashed(worker="w1", pid=1, signal="SIGKILL"))

    assert holds.standing(house.sandbox) == []
