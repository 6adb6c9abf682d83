"""The audit log: who did what, for whoever asks next year."""

from __future__ import annotations

from workers.shop import effects
from workers.shop.orders import Order
from workers.tables import audit_log


def write_entry(order: Order, key: str | None, finish: effects.Finish) -> None:
    """Write the order into the log."""
    effects.write(
        audit_log, order, key, {"entry": f"order {order.number} placed for {order.cents} cents"}, finish=finish
    )
