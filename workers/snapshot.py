"""What one sandbox looks like now: one Redis round trip for all watched sandboxes, read by any number of viewers."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from workers.events import Event


@dataclass(frozen=True)
class Ticket:
    """One message wherever it is; `seconds` is how long its work took, once it is done and if that is known."""

    order: int
    state: str  # "waiting" | "retrying" | "running" | "done"
    attempt: int  # 1 for the first delivery
    seconds: float | None = None


@dataclass(frozen=True)
class WorkerView:
    """One worker process; a dead one stays in view until what it held has been delivered again."""

    name: str  # "w1"
    pid: int
    state: str  # "idle" | "busy" | "frozen" | "dead"
    since: datetime  # when it entered this state
    order: int | None = None
    step: str | None = None
    step_since: datetime | None = None
    attempt: int | None = None
    job: str | None = None
    heartbeat_age_s: float | None = None
    heartbeat_at: datetime | None = None
    leaving: bool = False  # asked to end after the message that it is at
    back_at: datetime | None = None  # only when dead: when the visibility time-out of what it held ends
    lease_until: datetime | None = None  # the broker's word; None when it has no lease of this worker
    thaws_at: datetime | None = None  # only when frozen: when it goes on by itself
    acknowledged: bool = False  # what it is at, or has left undone, it acknowledged before the work
    renews: bool = True  # it extends its lease while it works

    @property
    def alive(self) -> bool:
        return self.state != "dead"

    @property
    def process(self) -> str:
        """The supervisor's word, who sees the process itself: "alive", "stopped" or "gone"."""
        return {"dead": "gone", "frozen": "stopped"}.get(self.state, "alive")

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "pid": self.pid,
            "state": self.state,
            "job": self.job,
            "order": self.order,
            "step": self.step,
            "attempt": self.attempt,
            "alive": self.alive,
            "leaving": self.leaving,
            "process": self.process,
            "heartbeat_age_s": self.heartbeat_age_s,
            "acknowledged": self.acknowledged,
            "lease_until": _iso(self.lease_until),
            "thaws_at": _iso(self.thaws_at),
            "back_at": _iso(self.back_at),
        }


@dataclass(frozen=True)
class Ledger:
    """placed = done + waiting + running + scheduled + dead + shed + lost, counted from rows and real effects."""

    placed: int = 0
    done: int = 0
    waiting: int = 0
    running: int = 0
    scheduled: int = 0
    dead: int = 0
    refused: int = 0
    shed: int = 0
    lost: int = 0
    duplicated: int = 0

    @property
    def adds_up(self) -> bool:
        parts = self.done + self.waiting + self.running + self.scheduled + self.dead + self.shed + self.lost
        return self.placed == parts


@dataclass(frozen=True)
class Snapshot:
    """Everything a viewer is shown; `version` grows whenever something that is shown has changed."""

    id: str
    version: int
    at: datetime
    read_at: datetime  # when all of it was read; at later times up to `at` only ages and heartbeats were
    ledger: Ledger
    depth: int
    oldest_age_s: float | None
    in_per_s: float
    out_per_s: float
    workers: tuple[WorkerView, ...]
    waiting: tuple[Ticket, ...]  # the head of the queue, at most 12
    done: tuple[Ticket, ...]  # the latest finished, newest first, at most 4
    settings: dict[str, object]  # "workers", "speed", "visibility_timeout_s", "acknowledge", "idempotency"
    caps: dict[str, int]  # "workers": 12, …
    race: tuple[Event, ...]  # every event of the two orders of the latest race, oldest first; empty before the first
    acknowledged: int = 0  # messages whose work is done
    dead_letters: int = 0  # without the deleted ones, which can still be brought back
    oldest_dead: datetime | None = None  # when the oldest of them was put aside
    oldest_at: datetime | None = None  # since when the message waits that waits longest
    supervised: bool = True  # a supervisor watches the processes

    @cached_property
    def tag(self) -> str:
        """Changes when something that is shown changes; ages do not count, a viewer's clock ticks them."""
        workers = [(w.name, w.pid, w.state, w.order, w.step, w.attempt, w.leaving) for w in self.workers]
        what = (self.version, self.ledger, self.depth, workers, self.waiting, self.done, self.settings)
        shown = (*what, self.dead_letters, self.oldest_dead, self.supervised)
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]

    def as_json(self, now: datetime) -> dict[str, Any]:
        """The snapshot as the contract shows it; times in seconds, `at` in ISO 8601."""
        net = self.out_per_s - self.in_per_s
        return {
            "id": self.id,
            "version": self.version,
            "at": self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "age_s": round((now - self.at).total_seconds(), 3),
            "queues": {"checkout": {"depth": self.depth, "oldest_age_s": self.oldest_age_s}},
            "in_flight": self.ledger.running,
            "scheduled": self.ledger.scheduled,
            "rates": {
                "in_per_s": self.in_per_s,
                "out_per_s": self.out_per_s,
                "drain_s": round(self.depth / net, 1) if net > 0 else None,
            },
            "workers": [worker.as_json() for worker in self.workers],
            "dead_letters": {"count": self.dead_letters, "oldest_age_s": self._oldest_dead_age_s(now)},
            "supervised": self.supervised,
            "ledger": asdict(self.ledger),
            "settings": self.settings,
            "caps": self.caps,
        }

    def _oldest_dead_age_s(self, now: datetime) -> float | None:
        return round((now - self.oldest_dead).total_seconds(), 1) if self.oldest_dead else None


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="milliseconds") if at else None
