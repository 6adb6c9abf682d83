"""The answers to more work than the workers can do: refuse it at the door, let the urgent pass, drop the old."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, func, select

from workers import sandboxes
from workers.errors import OverLimit
from workers.tables import outbox, tickets

Answers = Literal[
    "none",
    "reject",
    "prioritise",
    "shed",
    "reject+prioritise",
    "reject+shed",
    "prioritise+shed",
    "reject+prioritise+shed",
]
LOW_SHARES = (0, 0.1, 0.2, 0.5)
COME_BACK_S = 5  # what a refused customer is told when the pace of the workers is not known

# Made once: every ticket is counted against them, and making a statement takes longer than running it.
_SOME = select(tickets.c.message).where(tickets.c.sandbox == bindparam("of"), tickets.c.closed_at.is_(None))
_OPEN_TICKETS = select(func.count()).select_from(_SOME.limit(bindparam("at_most")).subquery())
_OPEN_ORDERS = (
    select(func.count())
    .select_from(outbox)
    .where(outbox.c.sandbox == bindparam("of"), outbox.c.closed_at.is_(None), outbox.c.dead_at.is_(None))
)


def answers(settings: Mapping[str, Any]) -> frozenset[str]:
    """Any of "reject", "prioritise" and "shed"; the setting joins them with a plus."""
    return frozenset(str(settings["backpressure"]).split("+")) - {"none"}


def low_every(settings: Mapping[str, Any]) -> int:
    """At which turn a worker takes from the low queue first: 0 is never, 10 is every tenth.

    Without priorities nothing new gets into the low queue, and what is left there is the oldest of all: every turn.
    """
    if "prioritise" not in answers(settings):
        return 1
    share = float(settings["low_share"])
    return round(1 / share) if share else 0


def sheds(settings: Mapping[str, Any], low: bool, age_s: float) -> bool:
    """Whether a worker drops what it has just taken; never what is urgent, and never an order."""
    return low and "shed" in answers(settings) and age_s > float(settings["shed_after_s"])


def check_ticket(db: Connection, sandbox: str, settings: Mapping[str, Any], low: bool) -> None:
    """Raises OverLimit when there is no room for a ticket: the cap's, or the reader's own limit."""
    cap = sandboxes.CAPS["queued_tickets"]
    if _count_tickets(db, sandbox, cap) >= cap:
        raise OverLimit("queued_tickets", cap, "let the workers catch up first", COME_BACK_S)
    limit = _limit(settings, low)
    if limit and _count_tickets(db, sandbox, limit) + _count_orders(db, sandbox) >= limit:
        raise _full(limit)


def check_order(db: Connection, sandbox: str, settings: Mapping[str, Any], open_orders: int) -> None:
    """Raises OverLimit when the reader's own limit leaves no room for an order."""
    limit = _limit(settings, low=False)
    if limit and open_orders + _count_tickets(db, sandbox, limit) >= limit:
        raise _full(limit)


def _limit(settings: Mapping[str, Any], low: bool) -> int | None:
    """How many may wait when this one comes; where the urgent pass, the limit is for the others."""
    wanted = answers(settings)
    return int(settings["queue_limit"]) if "reject" in wanted and (low or "prioritise" not in wanted) else None


def _full(limit: int) -> OverLimit:
    return OverLimit("queue_limit", limit, "so many messages wait already, and backpressure is set to reject")


def _count_tickets(db: Connection, sandbox: str, at_most: int) -> int:
    """Those that are to be done; beyond `at_most` nobody counts on."""
    return int(db.execute(_OPEN_TICKETS, {"of": sandbox, "at_most": at_most}).scalar_one())


def _count_orders(db: Connection, sandbox: str) -> int:
    return int(db.execute(_OPEN_ORDERS, {"of": sandbox}).scalar_one())
