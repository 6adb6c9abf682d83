"""Stock, kept in three systems that learn of a sale one after another."""

from __future__ import annotations

from workers.shop import effects
from workers.shop.orders import Order
from workers.tables import stock_movements

SYSTEMS = ("warehouse", "shop", "marketplace")


def update_stock(order: Order, key: str | None, finish: effects.Finish) -> None:
    """Book every line of the order out of every system."""
    rows = [
        {"system": system, "sku": line.sku, "quantity": -line.quantity} for system in SYSTEMS for line in order.lines
    ]
    effects.write(stock_movements, order, key, *rows, finish=finish)
