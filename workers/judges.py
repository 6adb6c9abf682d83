"""The judges of a run: what really arrived of each order, counted by those who received it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, select, union_all

from workers.checkout import LATER
from workers.database import read
from workers.tables import emails
from workers.tables import orders as order_rows
from workers.undone import EFFECTS

_ONCE = {step.name: once for step, once in zip(LATER, EFFECTS.values(), strict=True)}
_TABLES = {step.name: table for step, table in zip(LATER, EFFECTS, strict=True)}


@dataclass(frozen=True)
class Verdict:
    """How often each of the seven later steps of one order has had its effect."""

    order: int
    times: Mapping[str, int]

    @property
    def emails(self) -> int:
        return self.times["email"]

    @property
    def deliveries(self) -> int:
        """What the partner received and took for new."""
        return self.times["webhook"]

    @property
    def missing(self) -> tuple[str, ...]:
        """The steps that have had no effect, or only a part of it."""
        return tuple(step for step, times in self.times.items() if times < 1)

    @property
    def repeated(self) -> tuple[str, ...]:
        return tuple(step for step, times in self.times.items() if times > 1)


def astray(sandbox: str) -> int:
    """How many e-mails went to an address that their order does not have."""
    its_order = (order_rows.c.sandbox == emails.c.sandbox) & (order_rows.c.number == emails.c.order)
    elsewhere = emails.c.recipient != order_rows.c.email
    counted = select(func.count()).select_from(emails.join(order_rows, its_order))
    with read() as db:
        return int(db.execute(counted.where(emails.c.sandbox == sandbox, elsewhere)).scalar_one())


def of_orders(sandbox: str, orders: Sequence[int]) -> tuple[Verdict, ...]:
    """One verdict for each order, in the order in which they were asked for."""
    counts = [
        select(literal(step).label("step"), table.c.order, func.count().label("rows"))
        .where(table.c.sandbox == sandbox, table.c.order.in_(orders))
        .group_by(table.c.order)
        for step, table in _TABLES.items()
    ]
    found: dict[int, dict[str, int]] = {order: dict.fromkeys(_TABLES, 0) for order in orders}
    with read() as db:
        for row in db.execute(union_all(*counts)):
            found[row.order][row.step] = row.rows // _ONCE[row.step]
    return tuple(Verdict(order, times) for order, times in found.items())
