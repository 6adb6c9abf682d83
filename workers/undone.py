"""What is true of orders that are not complete, and which of those nobody will complete any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, exists, func, or_, select, text

from workers import early, tables
from workers.shop.steps import CHECKOUT, NAMES
from workers.tables import orders, outbox, parts

# A request that has not answered by then was cut off: nobody does the rest of its order.
REQUEST_LASTS_AT_MOST_S = 60
LONG_REQUEST_LASTS_AT_MOST_S = 200  # of a film, at half the speed
# The effects of the seven later steps; stock is one row a system and a line.
EFFECTS = {
    tables.emails: 1,
    tables.receipts: 1,
    tables.stock_movements: 6,
    tables.analytics: 1,
    tables.deliveries: 1,
    tables.audit_log: 1,
    tables.loyalty_points: 1,
}

# Without a message, all steps of an order are its request's.
SAME_ORDER = (outbox.c.sandbox == orders.c.sandbox) & (outbox.c.order == orders.c.number)
_HAS_MESSAGE = exists().where(SAME_ORDER)
_HAS_ORDER = exists().where(orders.c.sandbox == outbox.c.sandbox, orders.c.number == outbox.c.order)
_OPEN = outbox.c.closed_at.is_(None)


def lost(sandbox: str, now: datetime) -> dict[str, ScalarSelect[Any]]:
    """Orders that nobody will complete any more: by what became of their message or of their request."""
    closed = (outbox.c.sandbox == sandbox, outbox.c.closed_at.is_not(None))
    given_up = outbox.c.message.not_in(early.at_work(sandbox))
    return {
        "closed_without": count(*closed, given_up, SAME_ORDER, ~complete(sandbox)),
        "never_made": count(*unmade(sandbox), given_up, of=outbox),
        "answered_without": _answered_without_effects(sandbox),
        "cut_off": count(*unanswered(sandbox), _long_ago(now)),
        "left_without": _left_without_message(sandbox),
    }


def unanswered(sandbox: str) -> tuple[ColumnElement[bool], ...]:
    """Orders whose request is still at them, as far as anybody knows."""
    going_on = (orders.c.answered_at.is_(None), orders.c.cut_off_at.is_(None))
    return orders.c.sandbox == sandbox, *going_on, ~_HAS_MESSAGE


def promised(sandbox: str) -> ScalarSelect[Any]:
    """Orders of which only the message exists: a worker or a slow commit has yet to make their row, or nobody will."""
    return count(outbox.c.sandbox == sandbox, _OPEN, text("kind = 'CompleteDesign'"), ~_HAS_ORDER, of=outbox)


def unmade(sandbox: str) -> tuple[ColumnElement[bool], ...]:
    """The same of messages that were acknowledged before the work."""
    closed = (outbox.c.sandbox == sandbox, outbox.c.closed_at.is_not(None), outbox.c.early)
    return *closed, outbox.c.kind == "CompleteDesign", ~_HAS_ORDER


def nobodys(sandbox: str) -> ScalarSelect[Any]:
    """Closed messages about orders that there never were: the ledger counts them nowhere."""
    closed = (outbox.c.sandbox == sandbox, outbox.c.closed_at.is_not(None), ~outbox.c.early)
    return count(*closed, outbox.c.kind == "CompleteDesign", ~_HAS_ORDER, of=outbox)


def complete(sandbox: str) -> ColumnElement[bool]:
    """Every effect of the order exists: of the later steps of a checkout, of all steps of another trade."""
    seven = [exists().where(table.c.sandbox == sandbox, table.c.order == orders.c.number) for table in EFFECTS]
    its = (parts.c.sandbox == sandbox, parts.c.order == orders.c.number)
    made = select(func.count(parts.c.part.distinct())).where(*its).scalar_subquery()
    wanted = case({trade: len(steps) for trade, steps in NAMES.items()}, value=orders.c.trade)
    is_checkout = orders.c.trade == CHECKOUT
    return or_(and_(is_checkout, *seven), and_(~is_checkout, made == wanted))


def count(*conditions: Any, of: Any = None) -> ScalarSelect[Any]:
    """How many rows there are of which all of this is true."""
    counted = select(func.count()).where(*conditions)
    return (counted if of is None else counted.select_from(of)).scalar_subquery()


def _long_ago(now: datetime) -> ColumnElement[bool]:
    """Whether the order was placed so long ago that no request can still be at it."""
    usual, long = REQUEST_LASTS_AT_MOST_S, LONG_REQUEST_LASTS_AT_MOST_S
    before = orders.c.placed_at < now - timedelta(seconds=usual)
    return and_(before, or_(orders.c.trade == CHECKOUT, orders.c.placed_at < now - timedelta(seconds=long)))


def _answered_without_effects(sandbox: str) -> ScalarSelect[Any]:
    """Orders that were wholly their request's, and that lack an effect although it has answered."""
    theirs = (orders.c.sandbox == sandbox, text("(checkout = 'now' OR later IS NOT NULL)"))
    answered = (orders.c.answered_at.is_not(None), orders.c.cut_off_at.is_(None))
    return count(*theirs, *answered, ~_HAS_MESSAGE, ~complete(sandbox), of=orders)


def _left_without_message(sandbox: str) -> ScalarSelect[Any]:
    """Orders whose checkout failed or died before it had sent their message, or promised it."""
    theirs = (orders.c.sandbox == sandbox, text("cut_off_at IS NOT NULL"))
    return count(*theirs, ~_HAS_MESSAGE, ~complete(sandbox), of=orders)
