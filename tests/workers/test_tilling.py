"""Tills that their supervisor has left behind."""

from __future__ import annotations

import selectors
import sys
from pathlib import Path

from sqlalchemy import insert

from tests.workers.back_of_house import BackOfHouse
from workers import events, tills
from workers.database import begin, utc_now
from workers.shop.orders import Order
from workers.tables import tills as rows
from workers.tilling import Tills


def test_the_next_supervisor_says_what_became_of_the_tills_of_one_that_died(house: BackOfHouse, tmp_path: Path) -> None:
    till = {"sandbox": house.sandbox, "order": tills.as_json(Order(house.sandbox, 1001)), "began": 0.0}
    with begin() as db:
        db.execute(
            insert(rows).values(**till, state="running", supervisor="one that died", pid=4242, wished_at=utc_now())
        )
    with selectors.DefaultSelector() as selector:
        Tills("somebody else", selector, sys.stderr.fileno(), tmp_path / "log").close_strangers()
        assert tills.of_supervisor("one that died")

        Tills("one that died", selector, sys.stderr.fileno(), tmp_path / "log").close_strangers()

    [crash] = events.of_types(house.sandbox, ["CheckoutCrashed"])
    assert (crash.order, crash.details) == (1001, {"pid": 4242, "signal": "SIGKILL"})
    assert tills.of_supervisor("one that died") == []
