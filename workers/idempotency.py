"""How a repeated step is made harmless: by nobody, or by a receiver that remembers the key."""

from __future__ import annotations

from workers.shop.orders import Order

STRATEGIES = ("off", "receiver")


def key_for(strategy: str, purpose: str, order: Order) -> str | None:
    """The key that names *what* must happen once: this purpose, for this order. None when nobody would look at it."""
    return f"{purpose}:{order.number}" if strategy == "receiver" else None
