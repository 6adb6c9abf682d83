"""A message is at every moment in exactly one place, whatever the moment at which its worker dies."""

import signal
import subprocess
import sys
import uuid

import pytest
from rq.exceptions import DequeueTimeout

from tests.product import ROOT
from tests.workers.back_of_house import BackOfHouse
from tests.workers.letters import letter
from workers import audit, dead_letters, outbox, reaper, settings, tables
from workers.worker import TicketWorker

LEASED_FOR_S = 2


@pytest.fixture
def house(house: BackOfHouse) -> BackOfHouse:
    house.change(visibility_timeout_s=LEASED_FOR_S)
    return house


def test_killed_after_pulling_and_before_leasing(house: BackOfHouse) -> None:
    message = house.place()
    rq_name = work_and_die(house, "pulled")
    assert places(house) == ["held"]

    reaper.give_back(house.broker, house.sandbox, rq_name)

    assert house.waiting() == [message.id]
    assert house.row(message).deliveries == 0


def test_killed_between_lease_and_start(house: BackOfHouse) -> None:
    message = house.place()
    rq_name = work_and_die(house, "leased")
    assert places(house) == ["leased"]
    held = reaper.held_by(house.broker, house.sandbox, rq_name)
    assert held is not None
    assert held.job == message.id

    bring_back(house, rq_name)

    assert house.waiting() == [message.id]


def test_killed_after_the_work_and_before_the_acknowledgement(house: BackOfHouse) -> None:
    message = house.place()
    rq_name = work_and_die(house, "worked")
    assert places(house) == ["leased"]

    bring_back(house, rq_name)

    assert house.waiting() == [message.id]
    assert house.row(message).deliveries == 1


def test_killed_after_the_acknowledgement_and_before_the_outbox_is_closed(house: BackOfHouse) -> None:
    message = house.place()
    rq_name = work_and_die(house, "acknowledged")
    assert places(house) == []
    assert house.row(message).closed_at is None

    bring_back(house, rq_name)
    house.age(tables.outbox, by_s=10)
    audit.find_orphans(house.broker, set())

    assert house.waiting() == []
    assert house.row(message).closed_at is not None


def test_a_message_whose_pull_was_never_heard_of_is_the_next_one(house: BackOfHouse) -> None:
    message, other = house.place(), house.place()

    run_worker(house, "deaf")

    assert house.row(message).closed_at is not None
    assert house.waiting() == [other.id]
    assert places(house) == ["queue"]


def test_a_pulled_id_without_a_message_is_dropped(house: BackOfHouse) -> None:
    message = house.place()
    house.pull(message, "rq-w1")
    house.broker.delete(f"rq:job:{message.id}")
    worker = TicketWorker(house.sandbox, "w1", "rq-w1", house.broker, doorbell=-1)

    with pytest.raises(DequeueTimeout):
        worker.queue_class.lmove(house.broker, worker.queues[0].key, 1)

    assert places(house) == []


def test_a_message_that_another_key_signed_is_sent_anew(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    message = house.place()
    monkeypatch.setenv("SECRET_KEY", "another one")
    settings.current.cache_clear()

    run_worker(house, "pass")
    assert house.row(message).closed_at is None
    house.age(tables.outbox, by_s=10)
    audit.find_orphans(house.broker, audit.find_orphans(house.broker, set()))
    run_worker(house, "pass")

    assert house.row(message).closed_at is not None


def test_work_that_fails_is_scheduled_and_then_put_aside(house: BackOfHouse) -> None:
    house.change(attempts=2)
    message = house.place()

    run_worker(house, "fails")
    assert places(house) == ["scheduled"]
    assert house.broker.hget(f"rq:job:{message.id}", "status") == b"scheduled"
    house.broker.zadd(f"rq:scheduled:{message.queue}", {message.id: 1})
    assert reaper.bring_back(house.broker, [house.sandbox]) == 1
    assert places(house) == ["queue"]
    run_worker(house, "fails")

    assert places(house) == ["dead"]
    assert house.row(message).failures == 2
    assert "partner answered 503" in dead_letters.groups(house.sandbox)[0].name
    assert "dying_worker.py" in dead_letters.find(house.sandbox, message.id).traceback
    assert house.broker.keys("rq:execution*") == []


def test_without_a_backoff_it_is_back_on_its_queue_at_once(house: BackOfHouse) -> None:
    house.change(backoff="none")
    message, other = house.place(), house.place()

    run_worker(house, "fails")

    assert house.waiting() == [other.id, message.id]


@pytest.mark.parametrize(("attempts", "place"), [(2, "queue"), (1, "dead")])
def test_killed_between_the_verdict_and_the_broker(house: BackOfHouse, attempts: int, place: str) -> None:
    house.change(attempts=attempts)
    message = house.place()
    rq_name = work_and_die(house, "judged")
    assert places(house) == ["leased"]
    assert house.row(message).failures == 1

    bring_back(house, rq_name)

    assert places(house) == [place]


def test_who_lost_its_lease_has_no_say_in_what_becomes_of_the_message(house: BackOfHouse) -> None:
    message = house.place()

    run_worker(house, "loses its lease")

    assert places(house) == ["leased"], "another's lease stays"
    row = house.row(message)
    assert (row.failures, row.due_at, row.dead_at, row.closed_at) == (0, None, None, None)


def test_a_duplicate_that_fails_after_the_work_was_done_is_dropped(house: BackOfHouse) -> None:
    message = house.place()
    outbox.close(message, "w2", 1)

    run_worker(house, "fails")

    assert places(house) == []
    assert house.broker.ttl(f"rq:job:{message.id}") > 0


def test_a_dead_letter_that_is_pulled_is_not_worked_on(house: BackOfHouse) -> None:
    message = letter(house)
    house.broker.zrem(f"rq:failed:{message.queue}", message.id)
    house.broker.rpush(f"rq:queue:{message.queue}", message.id)

    run_worker(house, "pass")
    house.age(tables.outbox, by_s=10)
    audit.find_orphans(house.broker, set())

    assert places(house) == ["dead"]
    row = house.row(message)
    assert (row.deliveries, row.closed_at) == (0, None)


def test_a_forged_message_runs_nothing(house: BackOfHouse) -> None:
    message = house.place()
    house.broker.hset(f"rq:job:{message.id}", "data", b'["os.system", null, ["exit"], {}]')

    run_worker(house, "pass")

    assert house.row(message).deliveries == 0
    assert house.broker.hget(f"rq:job:{message.id}", "status") == b"failed"


def work_and_die(house: BackOfHouse, moment: str) -> str:
    """Let a worker process take the waiting message and be killed there; its name at the broker."""
    return run_worker(house, moment, ends_by=-signal.SIGKILL)


def run_worker(house: BackOfHouse, moment: str, ends_by: int = 0) -> str:
    """One worker process for one message."""
    rq_name = f"{house.sandbox}-w1-{uuid.uuid4().hex[:6]}"
    command = [sys.executable, "-m", "tests.workers.dying_worker", house.sandbox, rq_name, moment]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == ends_by, done.stderr
    return rq_name


def bring_back(house: BackOfHouse, rq_name: str) -> None:
    """What the supervisor does about a death, and again when the lease is over."""
    reaper.give_back(house.broker, house.sandbox, rq_name)
    reaper.forget(house.broker, house.sandbox, rq_name)
    assert reaper.bring_back(house.broker, [house.sandbox]) == 0, "not before its time"
    house.end_leases()
    reaper.bring_back(house.broker, [house.sandbox])


def places(house: BackOfHouse) -> list[str]:
    """Where the broker has messages: each in one place."""
    broker = house.broker
    held = [key for key in broker.keys("ticketwheel:held:*") if broker.llen(key)]
    return [
        *["held"] * len(held),
        *["leased"] * broker.zcard(f"rq:wip:{house.sandbox}:checkout"),
        *["queue"] * len(house.waiting()),
        *["scheduled"] * broker.zcard(f"rq:scheduled:{house.sandbox}:checkout"),
        *["dead"] * broker.zcard(f"rq:failed:{house.sandbox}:checkout"),
    ]
