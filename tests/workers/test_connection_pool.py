"""A sandbox's pool of connections holds over processes, is given back by the kernel, and waits end in an error."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from functools import partial
from itertools import accumulate
from multiprocessing.connection import Connection
from typing import Any

import pytest

from tests.product import Sandbox, eventually
from tests.workers.back_of_house import BackOfHouse
from workers import connection_pool, database, placing, sandboxes
from workers.attempts import LATE_AT_MOST_S
from workers.checkout import LATER
from workers.errors import StepUnavailable
from workers.shop.orders import Order

Said = list[tuple[float, bool]]
Lend = Callable[..., AbstractContextManager[None]]
BRIEFLY_S = 0.05


@pytest.fixture
def said() -> Said:
    return []


@pytest.fixture
def lend(house: BackOfHouse, said: Said) -> Lend:
    """A connection of a pool of two, for which nobody waits long."""

    def lent(
        size: int = 2, patience_s: float = BRIEFLY_S, sandbox: str = house.sandbox
    ) -> AbstractContextManager[None]:
        return connection_pool.lent(sandbox, size, patience_s, lambda seconds, got: said.append((seconds, got)))

    return lent


def test_as_many_as_there_are_are_lent_at_once_and_the_next_one_waits_in_vain(lend: Lend, said: Said) -> None:
    with lend(), lend():
        assert said == []
        with pytest.raises(StepUnavailable, match="There was no connection") as caught, lend():
            raise AssertionError("there was a third")

    assert caught.value.kind == "no connection"
    [(seconds, got)] = said
    assert not got
    assert seconds >= BRIEFLY_S
    with lend(), lend():
        assert len(said) == 1


def test_with_as_many_as_there_can_be_nothing_is_counted(house: BackOfHouse, lend: Lend, said: Said) -> None:
    with lend(size=connection_pool.POOL_SIZE):
        assert not (connection_pool._folder(house.sandbox)).exists()
    assert said == []


def test_one_sandboxes_pool_is_its_own(lend: Lend) -> None:
    with lend(size=1), lend(size=1, sandbox=sandboxes.create(awake=False)):
        pass


def test_the_pool_of_a_deleted_sandbox_is_gone(house: BackOfHouse, lend: Lend) -> None:
    with lend():
        pass
    folder = connection_pool._folder(house.sandbox)
    assert folder.exists()

    sandboxes.delete(house.sandbox)

    assert not folder.exists()


def test_who_waits_gets_it_when_it_is_given_back_in_the_order_of_arrival(
    house: BackOfHouse, lend: Lend, said: Said
) -> None:
    served: list[int] = []

    def customer(number: int) -> None:
        with lend(size=1, patience_s=10):
            served.append(number)

    with lend(size=1):
        waiting = [threading.Thread(target=customer, args=(number,)) for number in range(3)]
        for number, thread in enumerate(waiting):
            thread.start()
            eventually(partial(_in_line, house, number + 1), what=f"{number + 1} in line")
    for thread in waiting:
        thread.join(10)

    assert served == [0, 1, 2]
    assert [got for _, got in said] == [True, True, True]


def test_a_connection_of_the_database_is_open_while_it_is_lent(lend: Lend) -> None:
    with lend():
        kept: Any = database._held.connection
        assert kept.closed is False
        with database.begin() as db:
            assert db is kept
    assert database._held.connection is None
    with database.begin() as db:
        assert db is not kept


def test_a_killed_process_gives_back_what_it_had_and_its_place_in_line(house: BackOfHouse, lend: Lend) -> None:
    with borrower(house.sandbox) as holder:
        assert holder.poll(10)
        with borrower(house.sandbox):
            eventually(lambda: _in_line(house, 1), what="the other one in line")
            with pytest.raises(StepUnavailable):
                lend(size=1).__enter__()

    # Both were killed.
    with lend(size=1, patience_s=2):
        assert _in_line(house, 0)


@pytest.mark.parametrize(("shared_by", "orders"), [("workers", 1), ("everybody", 0)])
def test_a_checkout_fails_for_want_of_a_connection_only_where_everybody_shares_them(
    house: BackOfHouse, shared_by: str, orders: int
) -> None:
    sandboxes.change(house.sandbox, {"pool_size": 1, "pool_for": shared_by})

    with borrower(house.sandbox) as other:
        assert other.recv() == "lent"
        with suppress(StepUnavailable):
            placing.place(Order(house.sandbox, 0))

    assert house.open_messages() == orders


@contextmanager
def borrower(sandbox: str) -> Iterator[Connection]:
    """Another process that borrows the only connection for ever and says when it has it; killed at the end."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_borrow, args=(sandbox, theirs))
    process.start()
    try:
        yield ours
    finally:
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()


def _borrow(sandbox: str, pipe: Connection) -> None:
    database.leave_parents_connections()
    with connection_pool.lent(sandbox, 1, 60, lambda seconds, got: None):
        pipe.send("lent")
        threading.Event().wait()


def _in_line(house: BackOfHouse, count: int) -> bool:
    return len(list((connection_pool._folder(house.sandbox) / "line").iterdir())) == count


def test_workers_wait_for_connections_and_their_tries_fail_for_want_of_them(sandbox: Sandbox) -> None:
    sandbox.change(workers=4, pool_size=1, attempts=1)
    sandbox.wait_for_workers(4)
    for _ in range(8):
        sandbox.place()

    eventually(lambda: settled(sandbox) == 8, 60, "all eight are done or dead letters")

    waited = sandbox.events("ConnectionWaited")
    assert {event["step"] for event in waited} <= {"inventory", "analytics", "audit", "loyalty"}
    in_vain = [event for event in waited if not event["got"]]
    failed = sandbox.events("StepFailed")
    assert in_vain
    assert [(event["order"], event["step"]) for event in failed] == [(e["order"], e["step"]) for e in in_vain]
    assert {event["error"] for event in failed} == {"There was no connection within 0.15 s: all were lent"}
    groups = sandbox.http.get(sandbox.url("/dead-letters")).json()["groups"]
    assert all(group["name"].endswith(": no connection") for group in groups)
    ledger = sandbox.snapshot()["ledger"]
    assert (ledger["placed"], ledger["dead"], ledger["lost"]) == (8, len(in_vain), 0)


def settled(sandbox: Sandbox) -> int:
    return len(sandbox.events("MessageAcknowledged", "MessageDeadLettered"))


def test_with_as_many_connections_as_workers_nobody_waits(sandbox: Sandbox) -> None:
    sandbox.change(workers=4, pool_size=4)
    sandbox.wait_for_workers(4)
    for _ in range(8):
        sandbox.place()

    sandbox.wait_until_done(8)
    assert sandbox.events("ConnectionWaited", "StepFailed") == []


def test_never_more_are_at_work_with_a_connection_than_there_are(sandbox: Sandbox) -> None:
    sandbox.change(workers=6, pool_size=2, attempts=10, backoff="none")
    sandbox.wait_for_workers(6)
    for _ in range(8):
        sandbox.place()
    eventually(lambda: settled(sandbox) == 8, 60, "all eight are settled")

    assert most_at_once(sandbox.events("StepFinished")) == 2


def most_at_once(record: list[dict[str, Any]]) -> int:
    """How many steps surely had a connection at a time: for the story's time before they were done."""
    padded_s = {step.name: step.seconds / 10 - LATE_AT_MOST_S for step in LATER if step.connects}
    steps = [(event["step"], datetime.fromisoformat(event["at"]).timestamp()) for event in record]
    kept = [(ended - padded_s[step], ended) for step, ended in steps if step in padded_s]
    changes = sorted([(begun, 1) for begun, _ in kept] + [(ended, -1) for _, ended in kept])
    return max(accumulate(change for _, change in changes))
