"""What a test may believe: moments of events, sums of the ledger, and rows of effects read past the product."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from typing import Any

from tests.product import Product, Sandbox, eventually

PLACES_OF_AN_ORDER = ("done", "waiting", "running", "scheduled", "dead", "shed", "lost")


def at(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["at"])


def adds_up(ledger: dict[str, int]) -> bool:
    return ledger["placed"] == sum(ledger[place] for place in PLACES_OF_AN_ORDER)


def settled(sandbox: Sandbox, within_s: float = 10) -> dict[str, int]:
    """The ledger once nothing is left to do, as of the sampler's last look: it adds up, and nothing is lost."""

    def look() -> dict[str, int]:
        found: dict[str, int] = sandbox.snapshot()["ledger"]
        return {} if found["waiting"] or found["running"] or found["scheduled"] else found

    ledger = eventually(look, within_s, "nothing is left")
    assert adds_up(ledger)
    assert ledger["lost"] == 0
    return ledger


def effects(product: Product, table: str, sandbox: Sandbox) -> list[int]:
    """The order of every row of an effect's table in a product that runs on SQLite."""
    return [row[0] for row in rows(product, f'SELECT "order" FROM {table} WHERE sandbox = ?', sandbox)]


def rows(product: Product, question: str, sandbox: Sandbox) -> list[tuple[Any, ...]]:
    """The answer of the database to a question about one sandbox."""
    address = f"file:{product.data_dir}/ticketwheel.sqlite3?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as db:
        return db.execute(question, [sandbox.id]).fetchall()
