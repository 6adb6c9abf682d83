"""What the queue calls: decode, one call into the shop, the last place before the acknowledgement."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

from workers import cache, checkout, designs
from workers.attempts import Attempt
from workers.errors import UnknownSandbox
from workers.messages import CompleteOrder, CountEvents, RefreshBestsellers
from workers.shop import orders
from workers.shop.orders import Order

# Set by the worker: it counts the delivery, and says who does the work and how.
begin_attempt: ContextVar[Callable[[CompleteOrder], Attempt | None]] = ContextVar("begin_attempt")
worker_name: ContextVar[str] = ContextVar("worker_name")  # "w1"
count: ContextVar[Callable[[CountEvents], None]] = ContextVar("count")


def complete_order(payload: dict[str, Any]) -> None:
    """Do the later steps of one order; nothing if its sandbox is gone."""
    message = CompleteOrder.decode(payload)
    attempt = begin_attempt.get()(message)
    if attempt and message.design:
        designs.complete_design(Order(message.sandbox, message.order, **message.design), attempt)
    elif attempt:
        checkout.complete_order(orders.find(message.sandbox, message.order), attempt)
    if attempt:
        attempt.reach("before_ack")


def refresh_bestsellers(payload: dict[str, Any]) -> None:
    """Make a list that is shown to many; nothing if its sandbox is gone."""
    with suppress(UnknownSandbox):
        cache.refresh(RefreshBestsellers.decode(payload), worker_name.get())


def count_events(payload: dict[str, Any]) -> None:
    """Count the small messages of one ticket."""
    count.get()(CountEvents.decode(payload))
