"""The judges of a run: what really arrived of each order, counted by those who received it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, select, union_all

from workers.checkout import LATER
from workers.database import read
from workers.shop.steps import CHECKOUT, NAMES
from workers.tables import emails, parts
from workers.tables import orders as rows
from workers.undone import EFFECTS

_ONCE = {step.name: once for step, once in zip(LATER, EFFECTS.values(), strict=True)}
_TABLES = {step.name: table for step, table in zip(LATER, EFFECTS, strict=True)}


@dataclass(frozen=True)
class Verdict:
    """How often the steps of one order have had their effect: of a checkout the later seven, of another trade all."""

    order: int
    times: Mapping[str, int]

    @property
    def emails(self) -> int:
        return self.times.get("email", 0)

    @property
    def deliveries(self) -> int:
        """What the partner received and took for new."""
        return self.times.get("webhook", 0)

    @property
    def missing(self) -> tuple[str, ...]:
        """The steps that have had no effect, or only a part of it."""
        return tuple(step for step, times in self.times.items() if times < 1)

    @property
    def repeated(self) -> tuple[str, ...]:
        return tuple(step for step, times in self.times.items() if times > 1)


def astray(sandbox: str) -> int:
    """How many e-mails went to an address that their order does not have."""
    its_order = (rows.c.sandbox == emails.c.sandbox) & (rows.c.number == emails.c.order)
    elsewhere = emails.c.recipient != rows.c.email
    counted = select(func.count()).select_from(emails.join(rows, its_order))
    with read() as db:
        return int(db.execute(counted.where(emails.c.sandbox == sandbox, elsewhere)).scalar_one())


def of_orders(sandbox: str, orders: Sequence[int]) -> tuple[Verdict, ...]:
    """One verdict for each order, in the order in which they were asked for."""
    pieces = func.count(parts.c.address.distinct())  # a step writes all of its pieces, or none
    made = select(parts.c.part, parts.c.order, (func.count() // pieces).label("times"))
    counts = [
        select(literal(step).label("part"), table.c.order, (func.count() // _ONCE[step]).label("times"))
        .where(table.c.sandbox == sandbox, table.c.order.in_(orders))
        .group_by(table.c.order)
        for step, table in _TABLES.items()
    ]
    counts.append(
        made.where(parts.c.sandbox == sandbox, parts.c.order.in_(orders)).group_by(parts.c.order, parts.c.part)
    )
    found = _nothing_yet(sandbox, orders)
    with read() as db:
        for row in db.execute(union_all(*counts)):
            found[row.order][row.part] = row.times
    return tuple(Verdict(order, times) for order, times in found.items())


def _nothing_yet(sandbox: str, orders: Sequence[int]) -> dict[int, dict[str, int]]:
    """No effect of any step of these orders; one that has no row (yet) is a checkout."""
    trades = select(rows.c.number, rows.c.trade).where(rows.c.sandbox == sandbox, rows.c.number.in_(orders))
    with read() as db:
        found = {row.number: row.trade for row in db.execute(trades.where(rows.c.trade != CHECKOUT))}
    return {order: dict.fromkeys(NAMES[found[order]] if order in found else _TABLES, 0) for order in orders}
