"""Tills whose supervisor died, whose wish was given up, or whose end is told twice."""

from __future__ import annotations

import os
import selectors
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import OperationalError

from tests.product import eventually
from tests.workers.back_of_house import BackOfHouse
from workers import events, fleet, tilling, tills
from workers.database import begin, utc_now
from workers.shop.orders import Order
from workers.tables import tills as rows
from workers.tilling import Tills

DEAD = "one that died"


@pytest.fixture
def selector() -> Iterator[selectors.BaseSelector]:
    with selectors.DefaultSelector() as opened:
        yield opened


def test_the_next_supervisor_says_what_became_of_the_tills_of_one_that_died(
    house: BackOfHouse, selector: selectors.BaseSelector
) -> None:
    wish(house, state="running", supervisor=DEAD, pid=4242)
    Tills("somebody else", selector, sys.stderr.fileno(), Path("log")).close_strangers()
    assert tills.of_supervisor(DEAD)

    Tills(DEAD, selector, sys.stderr.fileno(), Path("log")).close_strangers()

    [crash] = crashes(house)
    assert (crash.order, crash.details) == (1001, {"pid": 4242, "signal": "SIGKILL"})
    assert tills.of_supervisor(DEAD) == []


def test_a_tills_end_is_told_once(house: BackOfHouse) -> None:
    number = wish(house, state="running", supervisor=DEAD, pid=4242)

    for _ in range(2):
        tills.closed(number, Order(house.sandbox, 1001), 4242, "SIGKILL")

    assert len(crashes(house)) == 1


def test_a_wish_that_nobody_waits_for_any_more_is_not_taken(house: BackOfHouse) -> None:
    number = wish(house, state="over")

    assert tills.to_open() == []
    assert not tills.opened(number, "supervisor", 4242)


def test_a_till_that_the_ledger_could_not_note_leaves_no_process_and_is_opened_again(
    house: BackOfHouse, selector: selectors.BaseSelector, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = wish(house)
    monkeypatch.setattr(tilling, "fork", lambda live, log: ended_at_once())
    monkeypatch.setattr(tills, "opened", database_is_away)
    mine = Tills("supervisor", selector, sys.stderr.fileno(), Path("log"))

    with pytest.raises(OperationalError):
        mine.open_wished()

    [(key, _)] = eventually(lambda: selector.select(0.1))
    mine.close(key.fd)
    assert mine.open == {}
    assert [till.id for till in tills.to_open()] == [number]
    assert crashes(house) == []


def test_there_are_as_many_tills_as_crashes_that_wait(house: BackOfHouse) -> None:
    order = Order(house.sandbox, 1001)
    assert not tills.wanted(order)
    fleet.wish_crash(house.sandbox, fleet.CHECKOUT, fleet.BETWEEN)
    assert tills.wanted(order)

    wish(house)
    assert not tills.wanted(order)

    fleet.wish_crash(house.sandbox, fleet.CHECKOUT, fleet.BETWEEN)
    assert tills.wanted(order)
    assert not tills.wanted(Order(house.sandbox, 1002, checkout="now"))
    fleet.disarm(house.sandbox)
    assert not tills.wanted(order)


def wish(house: BackOfHouse, state: str = "wished", **more: str | int) -> int:
    row = {"sandbox": house.sandbox, "order": tills.as_json(Order(house.sandbox, 1001)), "began": 0.0, "state": state}
    with begin() as db:
        made = insert(rows).values(**row, **more, wished_at=utc_now()).returning(rows.c.id)
        number = db.execute(made).scalar_one()
    return int(number)


def crashes(house: BackOfHouse) -> list[events.Event]:
    return events.of_types(house.sandbox, ["CheckoutCrashed"])


def ended_at_once() -> tuple[int, int]:
    """A child that does nothing; its pid and its pidfd."""
    pid = os.posix_spawn("/bin/true", ["true"], {})
    return pid, os.pidfd_open(pid)


def database_is_away(*_: object) -> bool:
    raise OperationalError("UPDATE tills", {}, Exception("the database is away"))
