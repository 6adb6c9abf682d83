"""A run of the race as the record would hold it, told in one line: for tests of what is drawn from it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from workers import events
from workers.attempts import Step
from workers.checkout import LATER, ORDER, PAYMENT, STEPS
from workers.events import Event
from workers.snapshot import Ledger, Snapshot, WorkerView

START = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
LEFT, RIGHT = 1041, 1042


def at(seconds: float) -> datetime:
    """The moment so many seconds after both buttons were pressed."""
    return START + timedelta(seconds=seconds)


@dataclass
class Run:
    """Collects events; each verb goes on from where the last one ended."""

    order: int
    checkout: str
    clock: float = 0.0
    attempt: int = 0
    worker: str | None = None
    happened: list[Event] = field(default_factory=list)

    def note(self, event: Event) -> Run:
        self.happened.append(replace(event, order=self.order, at=at(self.clock)))
        return self

    def begins(self) -> Run:
        return self.note(events.CheckoutStarted(checkout=self.checkout, race="r1"))

    def does(self, *steps: Step, known: bool = False) -> Run:
        for step in steps:
            self.starts(step)
            self.clock += step.seconds
            if known:
                self.note(events.DuplicateSuppressed(**self._who(), step=step.name, key=f"{step.name}:1042"))
            self.note(events.StepFinished(**self._who(), step=step.name, where=self._where(), seconds=step.seconds))
        return self

    def starts(self, step: Step) -> Run:
        return self.note(events.StepStarted(**self._who(), step=step.name, where=self._where()))

    def answers(self, outcome: str = "success") -> Run:
        return self.note(
            events.CustomerAnswered(checkout=self.checkout, outcome=outcome, waited_s=round(self.clock, 3))
        )

    def queues(self) -> Run:
        return self.note(events.MessageEnqueued(queue="checkout"))

    def is_taken_by(self, worker: str, after: float = 0.0) -> Run:
        self.clock, self.worker, self.attempt = self.clock + after, worker, self.attempt + 1
        return self.note(events.MessageTaken(**self._who(), lease_s=8))

    def is_killed(self, step: Step, after: float, held_for: float = 8.0) -> Run:
        self.starts(step)
        self.clock += after
        back = at(self.clock + held_for).isoformat()
        return self.note(
            events.WorkerCrashed(worker=self.worker, step=step.name, pid=4243, signal="SIGKILL", back_at=back)
        )

    def is_killed_for_good(self, step: Step, after: float = 1.0) -> Run:
        """After its message was acknowledged before the work."""
        self.starts(step)
        self.clock += after
        return self.note(events.WorkerCrashed(worker=self.worker, step=step.name, pid=4243, signal="SIGKILL"))

    def is_abandoned(self, step: Step) -> Run:
        return self.note(events.MessageAbandoned(**self._who(), step=step.name, error="It is away."))

    def comes_back(self, after: float = 8.0) -> Run:
        self.clock += after
        return self.note(events.MessageRedelivered(reason="lease expired"))

    def fails(self, step: Step, after: float, again_in: float = 2.0) -> Run:
        self.starts(step)
        self.clock += after
        self.note(events.StepFailed(**self._who(), step=step.name, where=self._where(), error="It is away."))
        due = at(self.clock + again_in).isoformat()
        return self.note(events.RetryScheduled(**self._who(), delay_s=again_in, due_at=due, error="It is away."))

    def is_put_aside(self) -> Run:
        return self.note(events.MessageDeadLettered(**self._who(), group="email: time-out", error="It is away."))

    def is_replayed(self) -> Run:
        return self.note(events.MessageReplayed())

    def is_acknowledged(self, early: bool = False) -> Run:
        return self.note(events.MessageAcknowledged(**self._who(), early=early))

    def _who(self) -> dict[str, Any]:
        return {"worker": self.worker, "attempt": self.attempt or 1}

    def _where(self) -> str:
        return "worker" if self.worker else "request"


def left() -> Run:
    """The order that is placed with everything in the request."""
    return Run(LEFT, "now").begins()


def right() -> Run:
    """The order that is placed in two steps, up to the moment at which its customer has her answer."""
    return Run(RIGHT, "later").begins().does(PAYMENT, ORDER).queues().answers()


def whole_left() -> Run:
    return left().does(*STEPS).answers()


def whole_right() -> Run:
    return right().is_taken_by("w2").does(*LATER).is_acknowledged()


def early_right() -> Run:
    """Acknowledged before the work, of which nothing is done yet."""
    return right().is_taken_by("w2").is_acknowledged(early=True)


def crashed_right() -> Run:
    """Killed 1.3 s into the receipt, held back for 8 s, and begun again by another worker."""
    killed = right().is_taken_by("w2").does(LATER[0]).is_killed(LATER[1], after=1.3)
    return killed.comes_back().is_taken_by("w1").does(*LATER).is_acknowledged()


def record(*runs: Run, until: float | None = None) -> tuple[Event, ...]:
    """What the record of these orders holds, oldest first, at the most until a moment."""
    every = sorted((event for run in runs for event in run.happened), key=lambda event: event.at or START)
    return tuple(event for event in every if until is None or (event.at and event.at <= at(until)))


def snapshot(*race: Event, workers: tuple[WorkerView, ...] = (), speed: float = 1) -> Snapshot:
    """A sandbox in which nothing but this race has happened."""
    return Snapshot(
        id="teal-otter",
        version=1,
        at=START,
        read_at=START,
        ledger=Ledger(),
        depth=0,
        oldest_age_s=None,
        in_per_s=0,
        out_per_s=0,
        workers=workers,
        waiting=(),
        done=(),
        settings={"workers": 2, "speed": speed},
        caps={"workers": 12},
        race=race,
    )
