"""The three keys: what a sender takes for the name of what must happen once."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from workers.shop.orders import Order


def order(purpose: str, of: Order) -> str:
    """This purpose, for this order: the same whenever the message comes, and another for every order."""
    return f"{purpose}:{of.number}"


def email_address(purpose: str, of: Order) -> str:
    """This purpose, for this customer: her second order is taken for a repeat of her first."""
    return f"{purpose}:{of.email}"


def random(purpose: str, of: Order) -> str:
    """Made anew for each send, so that no repeat is ever recognised."""
    return f"{purpose}:{uuid.uuid4()}"


KEYS: dict[str, Callable[[str, Order], str]] = {"order": order, "email_address": email_address, "random": random}
