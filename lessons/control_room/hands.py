"""The workers as the control room shows them: what each is at, and what three witnesses say of its life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lessons.control_room.witnesses import Heard, Witness, hear
from workers.snapshot import WorkerView
from workers.trades import LABELS


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
    since: datetime  # when it began what it is at
    back: datetime | None  # when what it held comes back
    heard: Heard
    left: bool = False  # it is dead, and what it was at was acknowledged before

    @property
    def witnesses(self) -> tuple[Witness, ...]:
        return self.heard.process, self.heard.heartbeat, self.heard.broker

    @property
    def held_back(self) -> bool:
        """It is dead, and what it held waits for the end of its lease."""
        return self.back is not None and self.heard.broker.until is not None

    @property
    def alive(self) -> bool:
        return self.state != "dead"


def hands(workers: Sequence[WorkerView], supervised: bool, now: datetime) -> tuple[Hand, ...]:
    """All workers of a sandbox, each in its place."""
    return tuple(_hand(worker, supervised, now) for worker in workers)


def _hand(worker: WorkerView, supervised: bool, now: datetime) -> Hand:
    began = worker.step_since if worker.alive and worker.step_since else worker.since
    return Hand(
        name=worker.name,
        pid=worker.pid,
        state=worker.state,
        at=_words(worker),
        order=worker.order,
        attempt=worker.attempt,
        leaving=worker.leaving,
        since=began,
        back=worker.back_at,
        heard=hear(worker, supervised, now),
        left=worker.state == "dead" and worker.acknowledged,
    )


def _words(worker: WorkerView) -> str:
    return LABELS.get(worker.step or "", "has just taken it")
