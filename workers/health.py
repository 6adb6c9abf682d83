"""Do the parts answer, and how is the whole house: for /readyz and /metrics."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from workers import tables
from workers.connections import broker
from workers.database import read, utc_now
from workers.errors import SupervisorAway
from workers.readings import LEADER_KEY
from workers.settings import current
from workers.watch.metrics import Labs


def check() -> dict[str, dict[str, Any]]:
    """One entry a dependency: ok, and why not."""
    parts: dict[str, Callable[[], object]] = {
        "database": _database,
        "broker": lambda: broker().ping(),
        "supervisor": _supervisor,
        "mail": _mail,
    }
    return {name: _entry(ask) for name, ask in parts.items()}


def metrics() -> bytes:
    """Gauges over all sandboxes, and what is measured of each that is awake, in Prometheus text."""
    registry = CollectorRegistry()
    registry.register(_House())
    registry.register(Labs())
    return generate_latest(registry)


class _House:
    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Counted when they are asked for, so that they cost nothing in between."""
        for name, help_text, value in _gauges():
            yield GaugeMetricFamily(f"ticketwheel_{name}", help_text, value=value)


def _gauges() -> list[tuple[str, str, float]]:
    outbox = tables.outbox
    still_open = outbox.c.closed_at.is_(None)
    with read() as db:
        awake = db.execute(select(func.count()).where(tables.sandboxes.c.awake)).scalar_one()
        workers = db.execute(select(func.count()).where(tables.workers.c.ended_at.is_(None))).scalar_one()
        messages = db.execute(select(func.count()).where(still_open)).scalar_one()
        oldest = db.execute(select(func.min(outbox.c.committed_at)).where(still_open)).scalar_one()
    age = (utc_now() - oldest).total_seconds() if oldest else 0.0
    return [
        ("sandboxes_awake", "Sandboxes that hold workers.", awake),
        ("house_workers_alive", "Worker processes of all sandboxes.", workers),
        ("messages_open", "Messages that are not acknowledged yet.", messages),
        ("house_oldest_message_age_seconds", "Age of the oldest open message of all sandboxes.", age),
    ]


def _entry(ask: Callable[[], object]) -> dict[str, Any]:
    try:
        ask()
    except (SQLAlchemyError, RedisError, OSError, smtplib.SMTPException, SupervisorAway) as error:
        return {"ok": False, "why": f"{type(error).__name__}: {error}".splitlines()[0]}
    return {"ok": True}


def _database() -> None:
    with read() as db:
        db.execute(select(func.count()).select_from(tables.sandboxes))


def _supervisor() -> None:
    if not broker().exists(LEADER_KEY):
        raise SupervisorAway("No supervisor has been seen for five seconds.")


def _mail() -> None:
    host, _, port = current().smtp_address.rpartition(":")
    with smtplib.SMTP(host, int(port or 0), timeout=2) as smtp:
        smtp.noop()
