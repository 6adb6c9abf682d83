"""Alerts: rules over what is measured, judged by the supervisor with every sample; Prometheus gets the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from workers import events
from workers.database import read, utc_now
from workers.measures import Window
from workers.tables import alerts


@dataclass(frozen=True)
class Rule:
    """Fires once it held for `for_s` seconds; `expr` says to Prometheus what `holds` says here, and a test compares."""

    name: str
    title: str
    why: str
    remedy: str
    expr: str
    holds: Callable[[Window], bool]
    for_s: int = 0


RULES = (
    Rule(
        "QueueGrowing",
        title="The queue grows",
        why="More messages come in than go out, so each one waits longer than the one before it.",
        remedy="Add workers, or let less in until the queue has drained.",
        expr="ticketwheel_queue_depth >= 10 and ticketwheel_queue_depth > ticketwheel_queue_depth offset 10s",
        holds=lambda seen: seen.now.queue_depth >= 10 and seen.change("queue_depth", 10) > 0,
        for_s=5,
    ),
    Rule(
        "OldestTooOld",
        title="The oldest message has waited too long",
        why="A message has waited for more than ten seconds: its customer still has no e-mail and no receipt.",
        remedy="Look whether the workers are alive and at work; if they are, there are too few of them.",
        expr="ticketwheel_oldest_message_age_seconds > 10",
        holds=lambda seen: seen.now.oldest_message_age_seconds > 10,
        for_s=5,
    ),
    Rule(
        "DeadLetters",
        title="There are dead letters",
        why="Messages failed at every attempt and lie aside. Nobody tries them again by itself.",
        remedy="Read their error, mend its cause, then replay them; delete what can never succeed.",
        expr="ticketwheel_dead_letters > 0",
        holds=lambda seen: seen.now.dead_letters > 0,
    ),
    Rule(
        "WorkerDied",
        title="A worker died",
        why="A worker process ended without being asked to. What it held comes back when its time-out ends.",
        remedy="One was replaced at once. If it goes on, look what they all held when they died: one message may kill.",
        expr="increase(ticketwheel_worker_deaths_total[15s]) > 0",
        holds=lambda seen: seen.increase("worker_deaths_total", 15) > 0,
    ),
    Rule(
        "NothingTaken",
        title="Nobody takes messages",
        why="Messages have waited for more than ten seconds, nobody took one, and not every worker is at work.",
        remedy="Are there workers, and do they answer? Add one, or thaw or kill those that are stuck.",
        expr=(
            "ticketwheel_oldest_message_age_seconds > 10"
            " and increase(ticketwheel_messages_taken_total[10s]) == 0"
            " and (ticketwheel_workers_busy < ticketwheel_workers_alive or ticketwheel_workers_alive == 0)"
        ),
        holds=lambda seen: (
            seen.now.oldest_message_age_seconds > 10
            and seen.increase("messages_taken_total", 10) == 0
            and (seen.now.workers_busy < seen.now.workers_alive or seen.now.workers_alive == 0)
        ),
        for_s=2,
    ),
    Rule(
        "WorkerSilent",
        title="A worker is silent",
        why="Its process lives, but it has sent no heartbeat for more than ten seconds: it is frozen, or stuck.",
        remedy="Thaw it, or kill it: another one does its work when the time-out ends.",
        expr="ticketwheel_worker_heartbeat_age_seconds_max > 10",
        holds=lambda seen: seen.now.worker_heartbeat_age_seconds_max > 10,
    ),
)
NAMED = {rule.name: rule for rule in RULES}


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
