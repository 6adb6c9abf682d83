"""Charging the card: the customer waits for this, because a refusal must reach her."""

from __future__ import annotations

from workers.errors import CardDeclined
from workers.shop import effects
from workers.shop.orders import Order
from workers.tables import payments


def charge(order: Order, key: str | None, finish: effects.Finish) -> None:
    """Ask the card network and write down its decision. Raises CardDeclined."""
    decision = "approved" if order.card == "good" else "declined"
    row = {"cents": order.cents, "decision": decision}
    if decision == "declined":
        effects.write(payments, order, key, row)
        raise CardDeclined("The card was declined, so there is no order. Try another card.")
    effects.write(payments, order, key, row, finish=finish)
