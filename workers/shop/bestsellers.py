"""The shop's list of what sold best: true, and slow to make."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import func, select

from workers.database import read
from workers.shop.basket import BASKET
from workers.shop.inventory import SYSTEMS
from workers.tables import stock_movements

MAKING_S = 3.0  # in the story's time
AT_MOST = 10
_NAMES = {line.sku: line.name for line in BASKET}


def make_list(sandbox: str, speed: float) -> list[dict[str, Any]]:
    """What was sold so far in this sandbox, the most pieces first; it takes the story's time."""
    time.sleep(MAKING_S / speed)
    sold = func.sum(-stock_movements.c.quantity).label("sold")
    booked = select(stock_movements.c.sku, sold).where(stock_movements.c.system == SYSTEMS[0])
    mine = booked.where(stock_movements.c.sandbox == sandbox).group_by(stock_movements.c.sku)
    with read() as db:
        rows = db.execute(mine.order_by(sold.desc(), stock_movements.c.sku).limit(AT_MOST)).all()
    return [{"sku": row.sku, "name": _NAMES.get(row.sku, row.sku), "sold": row.sold} for row in rows]
