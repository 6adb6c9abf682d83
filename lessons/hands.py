"""The workers as the control room shows them: what each is at, and what three witnesses say of its life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from workers.checkout import STEPS
from workers.snapshot import WorkerView

SILENT_AFTER_S = 10.0  # an idle worker says that it lives every five seconds, a busy one more often


@dataclass(frozen=True)
class Witness:
    """What one of three says about a worker's life; `since_ms` where it tells for how long."""

    name: str  # "process" | "heartbeat" | "broker"
    says: str
    good: bool
    since_ms: int | None = None


@dataclass(frozen=True)
class Hand:
    """One worker process, alive or not."""

    name: str
    pid: int
    state: str  # "idle" | "busy" | "frozen" | "dead"
    at: str  # what it does, in words
    order: int | None
    attempt: int | None
    leaving: bool
    since_ms: int  # when it began what it is at
    back_ms: int | None  # when what it held comes back
    witnesses: tuple[Witness, ...]
    meaning: str  # what it means that the witnesses disagree; empty when they agree
    age_s: float = field(default=0.0, compare=False, repr=False)
    back_s: float = field(default=0.0, compare=False, repr=False)

    @property
    def alive(self) -> bool:
        return self.state != "dead"


def hands(workers: Sequence[WorkerView], now: datetime) -> tuple[Hand, ...]:
    """All workers of a sandbox, each in its place."""
    return tuple(_hand(worker, now) for worker in workers)


def _hand(worker: WorkerView, now: datetime) -> Hand:
    began = worker.step_since if worker.alive and worker.step_since else worker.since
    return Hand(
        name=worker.name,
        pid=worker.pid,
        state=worker.state,
        at=_words(worker),
        order=worker.order,
        attempt=worker.attempt,
        leaving=worker.leaving,
        since_ms=_ms(began),
        back_ms=_ms(worker.back_at) if worker.back_at else None,
        witnesses=_witnesses(worker, now),
        meaning=_meaning(worker, now),
        age_s=(now - began).total_seconds(),
        back_s=(worker.back_at - now).total_seconds() if worker.back_at else 0.0,
    )


def _words(worker: WorkerView) -> str:
    if worker.order is None:
        return "free" if worker.alive else "held nothing"
    return next((step.label for step in STEPS if step.name == worker.step), "has just taken it")


def _witnesses(worker: WorkerView, now: datetime) -> tuple[Witness, ...]:
    heard = worker.alive and not _silent(worker)
    return (
        Witness("process", "alive" if worker.alive else "gone", worker.alive),
        Witness("heartbeat", "heard" if heard else "silent", heard),
        _broker(worker, now),
    )


def _broker(worker: WorkerView, now: datetime) -> Witness:
    if worker.order is None:
        return Witness("broker", "holds nothing", True)
    if worker.alive:
        return Witness("broker", f"holds № {worker.order}", True)
    waits = worker.back_at is not None and worker.back_at > now
    return Witness("broker", f"still holds № {worker.order}" if waits else "gave it back", not waits)


def _meaning(worker: WorkerView, now: datetime) -> str:
    if not worker.alive and worker.back_at and worker.back_at > now:
        return "Its process is gone, but its lease still runs: nobody else gets the message before it ends."
    if worker.alive and _silent(worker):
        return "Its process lives, but it has said nothing for a while: it is stopped, or stuck."
    return ""


def _silent(worker: WorkerView) -> bool:
    return worker.heartbeat_age_s is not None and worker.heartbeat_age_s > SILENT_AFTER_S


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
