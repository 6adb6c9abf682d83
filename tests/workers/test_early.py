"""An order that was acknowledged early is running while its worker lives and works, then done or lost; never both."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import sqlite

from tests.workers.back_of_house import BackOfHouse
from tests.workers.test_ledger import books, perform
from workers import audit, early, events, fleet, ledger, outbox, sampler, tables, write_offs
from workers.attempts import Attempt
from workers.database import read, utc_now
from workers.errors import StepUnavailable
from workers.failures import Failure
from workers.messages import CompleteOrder
from workers.snapshot import Ledger


@pytest.fixture
def message(house: BackOfHouse) -> CompleteOrder:
    """One that w1 has acknowledged, and has yet to work on."""
    fleet.born(house.sandbox, "w1", "rq-w1", 4242, "supervisor")
    message = house.place()
    outbox.taken(message, "w1", 8)
    early.began("rq-w1", message)
    house.acknowledge(message)
    assert books(house) == Ledger(placed=1, running=1), "also before its row is closed"
    outbox.close_early(message, "w1", 1)
    return message


def test_it_runs_while_its_worker_lives_and_is_done_when_its_effects_exist(
    house: BackOfHouse, message: CompleteOrder
) -> None:
    assert books(house) == Ledger(placed=1, running=1)
    assert ledger.count_harm(house.sandbox) == (0, 0)
    perform(message)
    assert books(house) == Ledger(placed=1, done=1)

    early.ended("rq-w1")

    found = ledger.read_books(house.sandbox)
    assert found.ledger == Ledger(placed=1, done=1)
    assert found.acknowledged == 1
    assert [(ticket.order, ticket.seconds) for ticket in found.latest] == [(message.order, None)]


def test_a_death_loses_it_and_is_in_the_record_with_it(house: BackOfHouse, message: CompleteOrder) -> None:
    [row] = fleet.living(house.sandbox)

    write_offs.write_off(row, "SIGKILL", asked=False)

    [crash] = house.events("WorkerCrashed")
    assert (crash.order, crash.message, crash.details["back_at"]) == (message.order, message.id, None)
    assert books(house) == Ledger(placed=1, lost=1)
    assert ledger.count_harm(house.sandbox) == (1, 0)
    [worker] = sampler.take([house.sandbox])[house.sandbox].workers
    assert (worker.state, worker.order, worker.acknowledged, worker.back_at) == ("dead", message.order, True, None)


def test_a_failure_loses_it(house: BackOfHouse, message: CompleteOrder) -> None:
    at_webhook = Attempt("worker", 10, "off", worker="w1", step="webhook")

    early.abandoned(
        "rq-w1", Failure(message, at_webhook, StepUnavailable("The partner answered 503.", "partner answered 503"))
    )

    assert books(house) == Ledger(placed=1, lost=1)
    [abandoned] = house.events("MessageAbandoned")
    assert (abandoned.order, abandoned.step) == (message.order, "webhook")
    assert ledger.read_books(house.sandbox).acknowledged == 0, "acknowledged, and never done"


def test_its_worker_is_shown_at_work_though_the_broker_holds_nothing(
    house: BackOfHouse, message: CompleteOrder
) -> None:
    started = events.StepStarted(order=message.order, message=message.id, worker="w1", step="pdf", where="worker")
    events.append(house.sandbox, started)

    [worker] = sampler.take([house.sandbox])[house.sandbox].workers

    assert (worker.state, worker.order, worker.step, worker.attempt) == ("busy", message.order, "pdf", 1)
    assert (worker.lease_until, worker.acknowledged) == (None, True)


def test_nobody_brings_it_back(house: BackOfHouse, message: CompleteOrder) -> None:
    house.age(tables.outbox, by_s=60)

    audit.relay_left_overs()
    suspects = audit.find_orphans(house.broker, set())
    audit.find_orphans(house.broker, suspects)

    assert house.waiting() == []
    assert books(house) == Ledger(placed=1, running=1)


def test_one_that_the_audit_closed_first_runs_as_well(house: BackOfHouse) -> None:
    fleet.born(house.sandbox, "w1", "rq-w1", 4242, "supervisor")
    message = house.place()
    outbox.taken(message, "w1", 8)
    early.began("rq-w1", message)
    house.acknowledge(message)

    outbox.close(message, None, 1)
    outbox.close_early(message, "w1", 1)

    assert books(house) == Ledger(placed=1, running=1)
    assert len(house.events("MessageAcknowledged")) == 1


def test_a_design_whose_order_is_yet_to_be_made_is_an_order(house: BackOfHouse) -> None:
    fleet.born(house.sandbox, "w1", "rq-w1", 4242, "supervisor")
    design = {"later": ["order", "email"], "email": "ada@example.com", "card": "good"}
    message = CompleteOrder(house.sandbox, 1001, design=design)
    outbox.enter(message)
    early.began("rq-w1", message)
    outbox.close_early(message, "w1", 1)
    assert books(house) == Ledger(placed=1, running=1)

    [row] = fleet.living(house.sandbox)
    write_offs.write_off(row, "SIGKILL", asked=False)

    assert books(house) == Ledger(placed=1, lost=1)
    assert ledger.count_harm(house.sandbox) == (1, 0)
    assert ledger.read_books(house.sandbox).acknowledged == 0


def test_two_workers_at_one_order_are_one_order(house: BackOfHouse, message: CompleteOrder) -> None:
    fleet.born(house.sandbox, "w2", "rq-w2", 4243, "supervisor")
    early.began("rq-w2", message)
    assert books(house) == Ledger(placed=1, running=1)

    early.ended("rq-w1")

    assert books(house) == Ledger(placed=1, running=1)


@pytest.mark.parametrize("leased", [(), ("lab-1", "lab-2")])
def test_looking_for_it_reads_neither_what_waits_nor_who_has_died(house: BackOfHouse, leased: tuple[str, ...]) -> None:
    counted = select(*ledger._counts(house.sandbox, leased, utc_now()))
    statement = str(counted.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))

    with read() as db:
        plan = [row.detail for row in db.execute(text(f"EXPLAIN QUERY PLAN {statement}"))]

    assert any("workers_early" in step for step in plan)
    assert [step for step in plan if step.startswith("SCAN") and "outbox" in step] == [], plan
    assert [step for step in plan if "workers" in step and "workers_early" not in step] == [], plan
