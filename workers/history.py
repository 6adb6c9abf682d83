"""What became of an order: its steps, its e-mails and its deliveries, as scripts and pages are shown them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Table, select

from workers import events
from workers.checkout import LATER
from workers.database import read
from workers.errors import UnknownOrder
from workers.shop.orders import Order, from_row
from workers.tables import deliveries, emails, orders
from workers.trades import TRADES

AT_MOST = 200
_ANOTHER_TRY = (
    *(events.WorkerCrashed, events.MessageRedelivered, events.RetryScheduled, events.MessageReplayed),
    *(events.MessagePutOff, events.WriteRefused, events.MessageHeldBack),
)


def order(sandbox: str, number: int) -> dict[str, Any]:
    """One order with all steps of its trade, live. Raises UnknownOrder."""
    with read() as db:
        row = db.execute(select(orders).where(orders.c.sandbox == sandbox, orders.c.number == number)).one_or_none()
    if row is None:
        raise UnknownOrder(f"There is no order {number} in this sandbox.")
    happened = events.of_orders(sandbox, [number])
    told = [event.waited_s for event in happened if isinstance(event, events.CustomerAnswered)]
    # A design may make the order's row only after its customer was answered.
    return describe(from_row(row), row.waited_s or next(iter(told), None), happened)


def describe(order: Order, waited_s: float | None, happened: list[events.Event]) -> dict[str, Any]:
    """An order as scripts are shown it, from what happened to it."""
    steps = [_step(step.name, later_steps(order), happened) for step in TRADES[order.trade]]
    known = {"id": order.number, "checkout": order.checkout, "email": order.email, "waited_s": waited_s, "steps": steps}
    return known | {"complete": all(step["state"] == "done" for step in steps)}


def later_steps(order: Order) -> frozenset[str]:
    """The names of the steps that a worker does for this order."""
    usual = [step.name for step in LATER] if order.checkout == "later" else []
    return frozenset(usual if order.later is None else order.later)


def inbox(sandbox: str) -> list[dict[str, Any]]:
    """The e-mails that arrived over SMTP, newest first, at most 200."""
    return [
        {
            "order": row.order,
            "to": row.recipient,
            "subject": row.subject,
            "body": row.body,
            "message_id": row.message_id,
            "at": _iso(row.at),
        }
        for row in _newest(emails, sandbox)
    ]


def received_by_partner(sandbox: str) -> list[dict[str, Any]]:
    """The deliveries that the partner's webhook received over HTTP, newest first, at most 200."""
    return [
        {"order": row.order, "key": row.key, "body": row.body, "status": 200, "at": _iso(row.at)}
        for row in _newest(deliveries, sandbox)
    ]


def _step(name: str, later: frozenset[str], happened: list[events.Event]) -> dict[str, Any]:
    mine = [event for event in happened if event.step == name]
    started = [event for event in mine if isinstance(event, events.StepStarted)]
    ended = [event for event in mine if isinstance(event, events.StepFinished | events.StepFailed)]
    finished = [event for event in ended if isinstance(event, events.StepFinished)]
    # Who skips a step believes that it was done before; unless the record says so, too, nobody has done it.
    skips = [event for event in mine if isinstance(event, events.DuplicateSuppressed) and event.by == "sender"]
    skipped = {event.attempt for event in skips}
    done = next((event for event in finished if event.attempt not in skipped), None)
    return {
        "name": name,
        "seconds": done.seconds if done else None,
        "where": "worker" if name in later else "request",
        "state": "done" if done else "skipped" if finished else _unfinished(started, ended, happened),
        "started_at": _iso(started[0].at) if started else None,
        "ended_at": _iso(done.at) if done else None,
        "attempts": len(started),
    }


def _unfinished(started: list[Any], ended: list[Any], happened: list[events.Event]) -> str:
    """Waiting, running or failed; a step waits for the next worker when its own died, or when it is tried again."""
    if not started:
        return "waiting"
    last = started[-1].sequence
    if any(isinstance(event, _ANOTHER_TRY) and event.sequence > last for event in happened):
        return "waiting"
    return "failed" if any(event.sequence > last for event in ended) else "running"


def _newest(table: Table, sandbox: str) -> list[Row[Any]]:
    with read() as db:
        return list(
            db.execute(select(table).where(table.c.sandbox == sandbox).order_by(table.c.id.desc()).limit(AT_MOST))
        )


def _iso(at: Any) -> str | None:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
