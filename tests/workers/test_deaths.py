"""A message with which too many workers die is put aside: no handler of errors ever runs, so their parent counts."""

from __future__ import annotations

import pytest

from tests.product import Sandbox
from tests.workers.back_of_house import BackOfHouse
from tests.workers.letters import in_dead_set
from tests.workers.witness import adds_up
from workers import audit, dead_letters, events, fleet, outbox, places, reaper, replays, tables, write_offs
from workers.chosen import Chosen
from workers.messages import CompleteOrder


def die_with(house: BackOfHouse, message: CompleteOrder, number: int, for_s: float = 8) -> str:
    """A worker takes the message, leases it, begins the receipt, and its process ends with SIGSEGV."""
    rq_name = f"rq-w{number}"
    fleet.born(house.sandbox, f"w{number}", rq_name, 4000 + number, "here")
    house.lease(message, rq_name, for_s)
    outbox.taken(message, f"w{number}", 8)
    begun = events.StepStarted(order=message.order, message=message.id, worker=f"w{number}", step="pdf", where="worker")
    events.append(house.sandbox, begun)
    write_off(house, rq_name)
    return rq_name


def write_off(house: BackOfHouse, rq_name: str, end: str = "SIGSEGV") -> None:
    for row in fleet.of_supervisor("here"):
        if row.rq_name == rq_name:
            write_offs.write_off(row, end, asked=False)


def come_back(house: BackOfHouse) -> None:
    house.end_leases()
    reaper.bring_back(house.broker, [house.sandbox])


def kill_with(house: BackOfHouse, message: CompleteOrder, deaths: int) -> None:
    for number in range(1, deaths + 1):
        die_with(house, message, number)
        if number < deaths:
            come_back(house)


def test_the_last_death_that_is_allowed_makes_it_a_dead_letter_with_what_is_known(house: BackOfHouse) -> None:
    house.change(deaths=3)
    message = house.place()

    kill_with(house, message, 3)

    row = house.row(message)
    assert (row.deaths, row.failures, row.dead_at is None) == (3, 0, False)
    letter = dead_letters.find(house.sandbox, message.id)
    assert (letter.group, letter.step, letter.attempts) == ("worker died", "pdf", 3)
    assert (
        letter.error == "3 workers have died with this message. The last was w3, pid 4003: SIGSEGV at the step “pdf”."
    )
    assert [f"worker w{number}, SIGSEGV" in letter.traceback for number in (1, 2, 3)] == [True] * 3
    [told] = house.events("MessageDeadLettered")
    assert (told.order, told.worker, told.step) == (message.order, "w3", "pdf")
    assert [event.details["back_at"] is None for event in house.events("WorkerCrashed")] == [False, False, True]


def test_it_is_at_one_place_at_once_and_never_comes_back(house: BackOfHouse) -> None:
    house.change(deaths=2)
    message = house.place()

    kill_with(house, message, 2)

    assert in_dead_set(house) == [message.id]
    assert house.broker.zcard(f"rq:wip:{message.queue}") == 0
    come_back(house)
    house.age(tables.outbox, by_s=10)
    audit.find_orphans(house.broker, audit.find_orphans(house.broker, set()))
    assert house.waiting() == []
    assert [event.details["reason"] for event in house.events("MessageRedelivered")] == ["lease expired"]


def test_a_supervisor_that_died_before_it_could_tell_the_broker_is_made_up_for(
    house: BackOfHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.change(deaths=1)
    message = house.place()
    monkeypatch.setattr(places, "bury_left", lambda *_: None)
    die_with(house, message, 1)
    assert house.row(message).dead_at is not None
    assert in_dead_set(house) == []

    come_back(house)

    assert house.waiting() == []
    assert in_dead_set(house) == [message.id]


@pytest.mark.parametrize("end", ["exit 0", "SIGTERM"])
def test_who_was_asked_to_end_has_stopped_and_not_crashed(house: BackOfHouse, end: str) -> None:
    fleet.born(house.sandbox, "w1", "rq-w1", 4001, "here")
    [row] = fleet.of_supervisor("here")

    write_offs.write_off(row, end, asked=True)

    assert [event.type for event in house.events("WorkerStopped", "WorkerCrashed")] == ["WorkerStopped"]


def test_writing_a_worker_off_twice_counts_once(house: BackOfHouse) -> None:
    message = house.place()
    rq_name = die_with(house, message, 1)
    [row] = [row for row in fleet.dead_since(house.sandbox, house.row(message).committed_at) if row.rq_name == rq_name]

    write_offs.write_off(row, "SIGSEGV", asked=False)

    assert house.row(message).deaths == 1
    assert len(house.events("WorkerCrashed")) == 1


def test_a_death_counts_although_the_lease_was_lost_before(house: BackOfHouse) -> None:
    message = house.place()
    fleet.born(house.sandbox, "w1", "rq-w1", 4001, "here")
    house.lease(message, "rq-w1", -0.1)
    reaper.bring_back(house.broker, [house.sandbox])

    write_off(house, "rq-w1")

    assert house.row(message).deaths == 1
    assert house.waiting() == [message.id]


def test_a_worker_that_held_nothing_or_ended_as_asked_counts_against_nothing(house: BackOfHouse) -> None:
    message = house.place()
    for name in ("rq-w1", "rq-w2"):
        fleet.born(house.sandbox, name[3:], name, 4000, "here")
    write_off(house, "rq-w1")
    house.lease(message, "rq-w2")
    [row] = fleet.of_supervisor("here")

    write_offs.write_off(row, "exit 0", asked=True)

    assert house.row(message).deaths == 0


def test_errors_and_deaths_have_limits_of_their_own(house: BackOfHouse) -> None:
    house.change(attempts=1, deaths=10)
    message = house.place()

    kill_with(house, message, 3)

    assert (house.row(message).deaths, house.row(message).dead_at) == (3, None)


def test_a_replay_gives_the_deaths_back(house: BackOfHouse) -> None:
    house.change(deaths=2)
    message = house.place()
    kill_with(house, message, 2)

    assert replays.replay(house.sandbox, Chosen(all=True)).replayed == 1

    assert house.row(message).deaths == 0
    assert house.waiting() == [message.id]


def test_an_order_whose_receipt_kills_ends_on_the_spike_and_is_done_once_it_is_repaired(sandbox: Sandbox) -> None:
    sandbox.change(visibility_timeout_s=2, deaths=2)

    order = sandbox.http.post(sandbox.url("/poison"), json={"kind": "deadly"}).json()["order"]

    [letter] = sandbox.wait_for("MessageDeadLettered", within_s=40)
    assert (letter["order"], letter["group"], letter["step"]) == (order, "worker died", "pdf")
    crashes = sandbox.events("WorkerCrashed")
    assert {event["signal"] for event in crashes} == {"SIGSEGV"}
    assert len(crashes) == 2
    assert sandbox.events("StepFailed") == []
    address = sandbox.url(f"/dead-letters/{letter['message']}")
    assert sandbox.http.patch(address, json={"email": "right@example.com"}).json()["email"] == "right@example.com"
    sandbox.http.post(sandbox.url("/dead-letters/replays"), json={"all": True})
    ledger = sandbox.wait_until_done(1)["ledger"]
    assert adds_up(ledger)
    assert ledger["lost"] == 0


def test_a_request_is_not_killed_by_such_an_order(sandbox: Sandbox) -> None:
    assert sandbox.place("now", email="nobody@segfault.example")["steps"][3]["state"] == "done"
