"""Numbers for the marketing team, which the customer never sees."""

from __future__ import annotations

from workers.shop import effects
from workers.shop.orders import Order
from workers.tables import analytics


def record_sale(order: Order, key: str | None, finish: effects.Finish) -> None:
    """Count the sale."""
    effects.write(analytics, order, key, {"name": "sale", "cents": order.cents}, finish=finish)
