"""What a person does to an order that exists: she corrects its address, also between a failure and a replay."""

from __future__ import annotations

from sqlalchemy import select, update

from workers import dead_letters, events, places
from workers.chosen import Chosen
from workers.connections import broker
from workers.database import begin, read
from workers.errors import UnknownLetter
from workers.tables import dead_letters as letters
from workers.tables import orders, outbox


def correct_email(sandbox: str, message: str, email: str) -> None:
    """From now on the order has this address, wherever it is written. Raises UnknownLetter."""
    order = dead_letters.find(sandbox, message).order
    lies_there = select(letters.c.message).where(*Chosen(messages=(message,)).conditions(sandbox))
    its = (outbox.c.message == message, outbox.c.dead_at.is_not(None), outbox.c.message.in_(lies_there))
    with begin() as db:
        payload = db.execute(select(outbox.c.payload).where(*its).with_for_update()).scalar_one_or_none()
        if payload is None:
            raise UnknownLetter("It has been replayed or deleted meanwhile.")
        if "design" in payload:
            corrected = payload | {"design": payload["design"] | {"email": email}}
            db.execute(update(outbox).where(outbox.c.message == message).values(payload=corrected))
        mine = update(orders).where(orders.c.sandbox == sandbox, orders.c.number == order)
        db.execute(mine.values(email=email))
        events.append(sandbox, events.DeadLetterRepaired(order=order, message=message, email=email), db=db)
    if "design" in payload:
        places.forget(broker(), sandbox, [message])  # its copy says the old address; a replay makes it anew


def readdress(sandbox: str) -> None:
    """Every customer corrects her address in the order's row: what was copied from there before does not know of it."""
    mine = update(orders).where(orders.c.sandbox == sandbox)
    with begin() as db:
        db.execute(mine.values(email="new-" + orders.c.email))


def email_of(letter: dead_letters.OpenLetter, sandbox: str) -> str:
    """The address that the order has now; empty if nobody has written it down."""
    if "design" in letter.payload:
        return str(letter.payload["design"]["email"])
    mine = select(orders.c.email).where(orders.c.sandbox == sandbox, orders.c.number == letter.order)
    with read() as db:
        return str(db.execute(mine).scalar_one_or_none() or "")
