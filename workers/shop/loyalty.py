"""Loyalty points: the balance may be right a minute later."""

from __future__ import annotations

from workers.shop import effects
from workers.shop.orders import Order
from workers.tables import loyalty_points


def award_points(order: Order, key: str | None, finish: effects.Finish) -> None:
    """Award a point for every euro."""
    effects.write(loyalty_points, order, key, {"points": order.cents // 100}, finish=finish)
