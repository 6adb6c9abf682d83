"""The last teapot: one place decides who gets it, and two outside systems hear of it."""

from __future__ import annotations

from sqlalchemy import Connection, select

from workers.errors import SoldOut
from workers.shop import parts
from workers.shop.orders import Finish, Order
from workers.shop.parts import Piece
from workers.tables import parts as pieces

THE_LAST = "the-last-teapot"
SYSTEMS = ("warehouse", "marketplace")


def set_aside(order: Order, key: str | None, finish: Finish) -> None:
    """Put an order's name on it in one transaction; whoever is first has it. Raises SoldOut."""
    whose = select(pieces.c.order).where(pieces.c.sandbox == order.sandbox, pieces.c.part == "aside")

    def decide(db: Connection, free: bool) -> None:
        if not free and db.execute(whose).scalar_one() != order.number:
            raise SoldOut("The last teapot is set aside for somebody else, so there is no order.")
        finish(db, free)

    parts.keep("aside", order, THE_LAST, decide, Piece(THE_LAST, order.email.encode()))


def tell_systems(order: Order, key: str | None, finish: Finish) -> None:
    """Let both outside systems know that it is sold."""
    parts.keep("systems", order, key, finish, *(Piece(system, b"sold") for system in SYSTEMS))
