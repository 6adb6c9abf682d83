"""Alerts: rules over what is measured, judged by the supervisor with every sample."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from workers import events
from workers.database import read, utc_now
from workers.tables import alerts
from workers.watch.measures import Window
from workers.watch.rules import NAMED, RULES, Rule

__all__ = ["NAMED", "RULES", "Alert", "Judge", "Rule", "firing", "recent"]


@dataclass(frozen=True)
class Alert:
    """A rule that fired; `resolved_at` is None while it still does."""

    rule: Rule
    fired_at: datetime
    resolved_at: datetime | None = None


class Judge:
    """Since when which rule holds where; what fires is in the table."""

    def __init__(self) -> None:
        self.since: dict[tuple[str, str], int] = {}

    @property
    def troubled(self) -> set[str]:
        """Sandboxes in which a rule holds, to be looked at every second."""
        return {sandbox for sandbox, _ in self.since}

    def forget_all_but(self, sandboxes: Iterable[str]) -> None:
        here = set(sandboxes)
        self.since = {key: second for key, second in self.since.items() if key[0] in here}

    def judge(self, db: Connection, seen: Mapping[str, Window]) -> None:
        """Let alerts of these sandboxes fire and be resolved, in the caller's transaction."""
        open_ones = select(alerts.c.sandbox, alerts.c.rule).where(alerts.c.resolved_at.is_(None))
        fires = {(row.sandbox, row.rule) for row in db.execute(open_ones.where(alerts.c.sandbox.in_(seen)))}
        for sandbox, window in seen.items():
            for rule in RULES:
                holds, fired = self.holds_long_enough(sandbox, rule, window), (sandbox, rule.name) in fires
                if holds and not fired:
                    _fire(db, sandbox, rule)
                if fired and not holds and (sandbox, rule.name) not in self.since:
                    _resolve(db, sandbox, rule)

    def holds_long_enough(self, sandbox: str, rule: Rule, window: Window) -> bool:
        """Whether a rule holds, and has done so for long enough to fire."""
        if not rule.holds(window):
            self.since.pop((sandbox, rule.name), None)
            return False
        return window.now.second - self.since.setdefault((sandbox, rule.name), window.now.second) >= rule.for_s


def firing(sandbox: str) -> tuple[Alert, ...]:
    """The alerts that fire now, the newest first."""
    return _read(_of(sandbox).where(alerts.c.resolved_at.is_(None)))


def recent(sandbox: str, limit: int = 10) -> tuple[Alert, ...]:
    """The latest alerts, firing or resolved, the newest first."""
    return _read(_of(sandbox).limit(limit))


def _fire(db: Connection, sandbox: str, rule: Rule) -> None:
    db.execute(insert(alerts).values(sandbox=sandbox, rule=rule.name, fired_at=utc_now()))
    events.append(sandbox, events.AlertFired(rule=rule.name), db=db)


def _resolve(db: Connection, sandbox: str, rule: Rule) -> None:
    mine = alerts.c.sandbox == sandbox, alerts.c.rule == rule.name, alerts.c.resolved_at.is_(None)
    db.execute(update(alerts).where(*mine).values(resolved_at=utc_now()))
    events.append(sandbox, events.AlertResolved(rule=rule.name), db=db)


def _of(sandbox: str) -> Select[Any]:
    return select(alerts).where(alerts.c.sandbox == sandbox).order_by(alerts.c.id.desc())


def _read(chosen: Select[Any]) -> tuple[Alert, ...]:
    with read() as db:
        rows = list(db.execute(chosen))
    return tuple(Alert(NAMED[row.rule], row.fired_at, row.resolved_at) for row in rows if row.rule in NAMED)
