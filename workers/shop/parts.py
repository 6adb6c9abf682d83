"""What a photo, a video or a report is made of: bytes that really are in the database, each under an address."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from workers.database import read
from workers.errors import PartMissing
from workers.shop import effects
from workers.shop.orders import Finish, Order
from workers.tables import parts

ORIGINAL = "original"


@dataclass(frozen=True)
class Piece:
    """One row of a part: what is kept under a name of its own, and the address that it is a link to, if it is one."""

    name: str
    content: bytes
    leads_to: str | None = None


def keep(part: str, order: Order, key: str | None, finish: Finish, *pieces: Piece) -> None:
    """Write all pieces of a step's part, or none of them."""
    rows = [
        {
            "part": part,
            "address": address(order, piece.name),
            "leads_to": piece.leads_to,
            "bytes": len(piece.content),
            "content": piece.content,
        }
        for piece in pieces
    ]
    effects.write(parts, order, key, *rows, finish=finish)


def address(order: Order, name: str) -> str:
    """Where a piece of an order lies in its sandbox, or is to lie."""
    return f"/{order.trade}s/{order.number}/{name}"


def needed(order: Order, name: str) -> bytes:
    """The content of a piece that the next one is made from. Raises PartMissing when it is not there."""
    content = find(order.sandbox, address(order, name))
    if content is None:
        raise PartMissing(f"There is no {name} at {address(order, name)}, so nothing can be made from it.")
    return content


def find(sandbox: str, at: str) -> bytes | None:
    """What lies at an address, the newest of it; None when nothing does."""
    chosen = select(parts.c.content).where(parts.c.sandbox == sandbox, parts.c.address == at)
    with read() as db:
        return db.execute(chosen.order_by(parts.c.id.desc()).limit(1)).scalar_one_or_none()


def broken_links(sandbox: str) -> int:
    """How many links lead to an address at which nothing is."""
    there = parts.alias("there")
    found = select(there.c.id).where(there.c.sandbox == sandbox, there.c.address == parts.c.leads_to).exists()
    leads = (parts.c.sandbox == sandbox, parts.c.leads_to.is_not(None), ~found)
    with read() as db:
        return int(db.execute(select(func.count()).select_from(parts).where(*leads)).scalar_one())
