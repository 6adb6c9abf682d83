"""The back of house without its processes: a sandbox in a fresh ledger, with a broker, for a test to act in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Table, update

from tests.product import Product
from workers import connections, database, events, outbox, placing, sandboxes, settings
from workers.database import begin, read, utc_now
from workers.messages import CompleteOrder
from workers.shop import orders
from workers.shop.orders import Order
from workers.tables import outbox as outbox_rows


@dataclass
class BackOfHouse:
    """A sandbox at the highest speed, and what a test does in it."""

    broker: Redis
    sandbox: str

    def commit(self, checkout: str = "later") -> CompleteOrder:
        """Commit an order with its message, as a request does that dies right after it."""
        order = Order(self.sandbox, placing.admit(self.sandbox)[0], checkout=checkout)
        message = CompleteOrder(order.sandbox, order.number)
        orders.record(order, also=outbox.entry(message) if checkout == "later" else None)
        return message

    def place(self) -> CompleteOrder:
        """Commit an order and relay its message."""
        message = self.commit()
        assert outbox.relay(message)
        return message

    def lease(self, message: CompleteOrder, worker: str = "w1", for_s: float = 8) -> str:
        """Put the waiting message under a worker's lease; the name of the lease's entry."""
        entry = f"{message.id}:{worker}"
        assert self.broker.lrem(f"rq:queue:{message.queue}", 1, message.id) == 1
        self.broker.hset(f"rq:job:{message.id}", "status", "started")
        self.broker.sadd(f"rq:worker:{worker}:executions", entry)
        self.broker.zadd(f"rq:wip:{message.queue}", {entry: utc_now().timestamp() + for_s})
        return entry

    def pull(self, message: CompleteOrder, rq_name: str) -> None:
        """Let a worker pull the message, and get no further."""
        self.broker.lmove(f"rq:queue:{message.queue}", f"ticketwheel:held:{rq_name}")
        assert self.broker.lindex(f"ticketwheel:held:{rq_name}", 0) == message.id.encode()

    def acknowledge(self, message: CompleteOrder) -> None:
        """What the broker looks like after RQ's acknowledgement."""
        self.broker.lrem(f"rq:queue:{message.queue}", 1, message.id)
        self.broker.hset(f"rq:job:{message.id}", "status", "finished")

    def open_messages(self) -> int:
        with read() as db:
            return outbox.count_open(self.sandbox, db)

    def waiting(self) -> list[str]:
        """The ids on the queue, the next one first."""
        found: Any = self.broker.lrange(f"rq:queue:{self.sandbox}:checkout", 0, -1)
        return [job.decode() for job in found]

    def events(self, *types: str) -> list[events.Event]:
        return [event for event in events.after(0, self.sandbox) if not types or event.type in types]

    def change(self, **changes: Any) -> None:
        sandboxes.change(self.sandbox, changes)

    def end_leases(self) -> None:
        """Let every lease be over."""
        key = f"rq:wip:{self.sandbox}:checkout"
        leases: Any = self.broker.zrange(key, 0, -1)
        for entry in leases:
            self.broker.zadd(key, {entry: utc_now().timestamp() - 0.1})

    def row(self, message: CompleteOrder) -> Any:
        """The message's row in the outbox."""
        with read() as db:
            return db.execute(outbox_rows.select().where(outbox_rows.c.message == message.id)).one()

    def age(self, table: Table, by_s: float) -> None:
        """Let all moments in a table be that much longer ago."""
        with begin() as db:
            for row in db.execute(table.select()).all():
                known = row._mapping
                earlier = {name: at - timedelta(seconds=by_s) for name, at in known.items() if isinstance(at, datetime)}
                key = [column == known[column.name] for column in table.primary_key]
                db.execute(update(table).where(*key).values(earlier))


@contextmanager
def at_the_counter_of(product: Product, monkeypatch: pytest.MonkeyPatch, **servers: str) -> Iterator[None]:
    """This process is at a running product's ledger and broker as well: it does there what no address does."""
    for name in ("REDIS_URL", "DATABASE_URL", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"DATA_DIR": str(product.data_dir), **servers}.items():
        monkeypatch.setenv(name, value)
    forget_everything()
    try:
        yield
    finally:
        forget_everything()


def forget_everything() -> None:
    """Drop what this process has cached of its environment."""
    if database._engine.cache_info().currsize:
        database._engine().dispose()
    database.forget_connections()
    connections.forget_connections()
    settings.current.cache_clear()
