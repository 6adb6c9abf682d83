"""A worker says that it lives as often as anybody has to know, and not more often."""

from __future__ import annotations

import pytest

from tests.workers.back_of_house import BackOfHouse
from workers import lean_worker
from workers.worker import TicketWorker


@pytest.fixture
def worker(house: BackOfHouse) -> TicketWorker:
    return TicketWorker(house.sandbox, "w1", f"{house.sandbox}-w1", house.broker, doorbell=-1)


def erased(house: BackOfHouse, worker: TicketWorker) -> None:
    """What it said last is no longer there."""
    house.broker.hdel(worker.key, "last_heartbeat")


def heard(house: BackOfHouse, worker: TicketWorker) -> bool:
    return bool(house.broker.hexists(worker.key, "last_heartbeat"))


def test_a_heartbeat_moments_after_the_last_is_not_sent(house: BackOfHouse, worker: TicketWorker) -> None:
    worker.heartbeat()
    assert heard(house, worker)
    erased(house, worker)

    worker.heartbeat()

    assert not heard(house, worker)


def test_a_later_one_is(house: BackOfHouse, worker: TicketWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    worker.heartbeat()
    erased(house, worker)
    monkeypatch.setattr(lean_worker, "HEARTBEATS_APART_S", 0)

    worker.heartbeat()

    assert heard(house, worker)


def test_one_that_travels_with_something_else_always_is(house: BackOfHouse, worker: TicketWorker) -> None:
    worker.heartbeat()
    erased(house, worker)

    with house.broker.pipeline() as pipe:
        worker.heartbeat(pipeline=pipe)
        pipe.execute()

    assert heard(house, worker)
