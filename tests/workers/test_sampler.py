"""Snapshots are taken once for all viewers, and cost the broker one question."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from redis.client import Pipeline, Redis

from tests.product import eventually
from tests.workers.back_of_house import BackOfHouse
from workers import events, fleet, freezes, ledger, outbox, reaper, sampler, sandboxes, tables
from workers.database import begin, utc_now
from workers.errors import UnknownSandbox
from workers.messages import CompleteOrder
from workers.readings import LEADER_KEY
from workers.sampler import Sampler
from workers.snapshot import Snapshot


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows with every round trip to the broker."""
    asked: list[str] = []
    of_pipeline: Any = Pipeline.execute
    of_client: Any = Redis.execute_command

    def pipeline(self: Pipeline, *args: Any, **options: Any) -> Any:
        asked.append("pipeline")
        return of_pipeline(self, *args, **options)

    def command(self: Redis, *args: Any, **options: Any) -> Any:
        asked.append(str(args[0]))
        return of_client(self, *args, **options)

    monkeypatch.setattr(Pipeline, "execute", pipeline)
    monkeypatch.setattr(Redis, "execute_command", command)
    return asked


@pytest.fixture
def viewed(house: BackOfHouse) -> Iterator[Sampler]:
    """A sampler at work, until the test is over: its thread must not look into another test's house."""
    at_work = Sampler()
    yield at_work
    with at_work.lock:
        at_work.watched.clear()
    eventually(lambda: not at_work.snapshots, 5)


@pytest.mark.parametrize("watched", [1, 5])
def test_any_number_of_sandboxes_is_one_question_to_the_broker(
    house: BackOfHouse, questions: list[str], watched: int
) -> None:
    houses = [BackOfHouse(house.broker, sandboxes.create()) for _ in range(watched)]
    for each in houses:
        fleet.born(each.sandbox, "w1", f"rq-{each.sandbox}", 4242, "supervisor")
        each.lease(each.place())
        each.place()
    questions.clear()

    sampler.take([each.sandbox for each in houses])

    assert questions == ["pipeline"]


def test_a_second_viewer_costs_the_broker_nothing(house: BackOfHouse, questions: list[str]) -> None:
    viewed = Sampler()
    viewed.thread = viewed  # type: ignore[assignment]  # no thread of its own: it would ask as well
    viewed.latest(house.sandbox)
    questions.clear()

    for _ in range(50):
        viewed.latest(house.sandbox)

    assert questions == []


def test_an_unchanged_sandbox_is_not_counted_again(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sampler.take([house.sandbox])
    monkeypatch.setattr(ledger, "read_books", lambda *_: pytest.fail("counted again"))

    [after] = sampler.take([house.sandbox], before).values()

    assert after.tag == before[house.sandbox].tag
    assert after.at > before[house.sandbox].at


def test_every_event_makes_a_new_version(house: BackOfHouse) -> None:
    before = sampler.take([house.sandbox])
    events.append(house.sandbox, events.CalmRestored())

    [after] = sampler.take([house.sandbox], before).values()

    assert after.version > before[house.sandbox].version
    assert after.tag != before[house.sandbox].tag


def test_the_next_viewer_sees_what_happened(house: BackOfHouse, viewed: Sampler) -> None:
    viewed.latest(house.sandbox)
    house.place()

    assert viewed.latest(house.sandbox, fresh=True).depth == 1
    eventually(lambda: viewed.latest(house.sandbox).ledger.waiting == 1, 5)


def test_deleting_a_watched_sandbox_does_not_blind_the_others(house: BackOfHouse, viewed: Sampler) -> None:
    deleted = sandboxes.create()
    BackOfHouse(house.broker, deleted).place()
    viewed.latest(deleted)
    viewed.latest(house.sandbox)
    sandboxes.delete(deleted)
    eventually(lambda: deleted not in viewed.watched, 5)
    before = viewed.snapshots[house.sandbox].at

    eventually(lambda: viewed.snapshots[house.sandbox].at > before, 5)


def test_waiting_tickets_are_shown_in_the_order_of_the_queue(house: BackOfHouse) -> None:
    messages = [house.place() for _ in range(3)]

    found = snapshot(house)

    assert [(ticket.order, ticket.state) for ticket in found.waiting] == [
        (message.order, "waiting") for message in messages
    ]
    assert (found.depth, found.ledger.waiting) == (3, 3)


def test_a_busy_worker_is_shown_with_its_order_and_its_step(house: BackOfHouse) -> None:
    fleet.born(house.sandbox, "w1", "rq-w1", 4242, "supervisor")
    take_and_begin(house)

    [worker] = snapshot(house).workers

    assert (worker.name, worker.pid, worker.state, worker.step, worker.attempt) == ("w1", 4242, "busy", "email", 1)


def test_a_dead_worker_stays_with_its_countdown(house: BackOfHouse) -> None:
    fleet.born(house.sandbox, "w1", "rq-w1", 4242, "supervisor")
    order = take_and_begin(house)
    back_at = utc_now()
    crashed = events.WorkerCrashed(
        worker="w1",
        pid=4242,
        signal="SIGKILL",
        order=order,
        message=f"{house.sandbox}-{order}",
        back_at=back_at.isoformat(),
    )
    fleet.ended("rq-w1", house.sandbox, crashed)

    [worker] = snapshot(house).workers

    assert (worker.state, worker.alive, worker.order, worker.step) == ("dead", False, order, "email")
    assert worker.back_at == back_at


def test_a_frozen_worker_is_shown_with_what_it_believes_to_hold(house: BackOfHouse) -> None:
    fleet.born(house.sandbox, "w1", "rq-w1", 4242, "supervisor")
    order = take_and_begin(house)
    freeze(house, seconds=30)
    [leased] = snapshot(house).workers
    house.end_leases()
    reaper.bring_back(house.broker, [house.sandbox])

    [lost] = snapshot(house).workers

    for worker in (leased, lost):
        assert (worker.state, worker.process, worker.alive, worker.order) == ("frozen", "stopped", True, order)
        assert worker.step == "email"
        assert worker.thaws_at is not None
        assert worker.thaws_at > utc_now()
    assert leased.lease_until is not None
    assert lost.lease_until is None


def test_a_worker_whose_lease_ran_out_under_it_is_shown_at_work_with_its_own_attempt(house: BackOfHouse) -> None:
    house.change(lease_renewal=False)
    fleet.born(house.sandbox, "w1", "rq-w1", 4242, "supervisor")
    order = take_and_begin(house)
    [leased] = snapshot(house).workers
    house.end_leases()
    reaper.bring_back(house.broker, [house.sandbox])
    outbox.taken(CompleteOrder(house.sandbox, order), "w2", 8)

    [over] = snapshot(house).workers

    assert (leased.renews, leased.lease_until is not None) == (False, True)
    assert (over.state, over.order, over.step, over.attempt) == ("busy", order, "email", 1)
    assert over.lease_until is None


def test_a_frozen_worker_that_holds_nothing_is_shown_so(house: BackOfHouse) -> None:
    fleet.born(house.sandbox, "w1", "rq-w1", 4242, "supervisor")
    freeze(house, seconds=30)

    [worker] = snapshot(house).workers

    assert (worker.state, worker.order, worker.step) == ("frozen", None, None)


def test_whether_somebody_supervises_is_shown(house: BackOfHouse) -> None:
    before = snapshot(house)
    house.broker.set(LEADER_KEY, "somebody")

    [after] = sampler.take([house.sandbox], {house.sandbox: before}).values()

    assert (before.supervised, after.supervised) == (False, True)
    assert before.tag != after.tag


def test_a_dead_worker_is_not_shown_for_ever(house: BackOfHouse) -> None:
    fleet.born(house.sandbox, "w1", "rq-w1", 4242, "supervisor")
    fleet.ended("rq-w1", house.sandbox, events.WorkerCrashed(worker="w1", pid=4242, signal="SIGKILL"))
    assert len(snapshot(house).workers) == 1

    house.age(tables.workers, by_s=fleet.DEAD_SHOWN_S + 1)

    assert snapshot(house).workers == ()


def test_nobody_can_watch_a_sandbox_that_is_not(house: BackOfHouse) -> None:
    with pytest.raises(UnknownSandbox):
        Sampler().latest("nowhere")


def snapshot(house: BackOfHouse) -> Snapshot:
    return sampler.take([house.sandbox])[house.sandbox]


def take_and_begin(house: BackOfHouse) -> int:
    """Let w1 take an order and begin its first step; the order's number."""
    message = house.place()
    house.lease(message, "rq-w1")
    outbox.taken(message, "w1", 8)
    about: dict[str, Any] = {"order": message.order, "message": message.id, "worker": "w1", "attempt": 1}
    begun = events.StepStarted(**about, step="email", where="worker")
    events.append(house.sandbox, begun)
    return message.order


def freeze(house: BackOfHouse, seconds: float) -> None:
    """What the supervisor writes down of a freeze of w1."""
    until = utc_now() + timedelta(seconds=seconds)
    with begin() as db:
        row = {"sandbox": house.sandbox, "victim": "w1", "state": "wished", "wished_at": utc_now(), "until": until}
        db.execute(tables.freezes.insert().values(**row))
    [wish] = freezes.to_do()
    freezes.began(wish, "w1", "rq-w1", 4242)
