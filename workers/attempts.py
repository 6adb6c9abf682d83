"""One attempt at an order's steps: by the request that the customer waits for, or by a worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from workers import events
from workers.database import begin
from workers.errors import TicketwheelError
from workers.idempotency import key_for
from workers.shop.orders import Order
from workers.ways import PLAIN, Ways

# Writing the record between two steps is taken out of the next one's padding; a longer delay is shown as it was.
LATE_AT_MOST_S = 0.05

Effect = Callable[..., None]  # (order, key, finish, …): `finish` is called in the effect's own transaction


@dataclass(frozen=True)
class Step:
    """One thing that the shop does for an order; `seconds` is the story's figure, at speed 1."""

    name: str
    seconds: float
    label: str
    do: Effect


def _nobody_stops_here(place: str) -> None:
    """A request is never killed by the chaos buttons."""


@dataclass
class Attempt:
    """Who does the steps, at which speed, and how repeats are treated."""

    where: str  # "request" | "worker"
    speed: float
    idempotency: str
    number: int = 1
    worker: str | None = None
    message: str | None = None
    reach: Callable[[str], None] = _nobody_stops_here
    unsaid: tuple[events.Event, ...] = ()  # events that are written together with the next one
    ways: Ways = field(default_factory=dict)  # of the steps that are not done the plain way
    step: str | None = None  # the one that it is at, or was when it failed
    happened: list[events.Event] = field(default_factory=list)  # what was written so far
    due: float = field(default_factory=time.monotonic)  # when the step before was to end: ours begins on that dot

    def perform(self, step: Step, order: Order, **more: object) -> None:
        """Do one step in the story's time, and say that it began and ended."""
        common: dict[str, Any] = {
            "order": order.number,
            "message": self.message,
            "worker": self.worker,
            "attempt": self.number,
        }
        self.step = step.name
        self.reach(f"before:{step.name}")
        self.say(order.sandbox, events.StepStarted(**common, step=step.name, where=self.where))
        began, seconds = time.monotonic(), step.seconds / self.speed
        self.due = max(self.due, began - LATE_AT_MOST_S) + seconds
        key = key_for(self.idempotency, step.name, order)

        def finish(db: Connection, first_time: bool) -> None:
            took_s = round(time.monotonic() - began, 3)
            finished = events.StepFinished(**common, step=step.name, where=self.where, seconds=took_s)
            suppressed = [] if first_time else [events.DuplicateSuppressed(**common, step=step.name, key=key or "")]
            self._write(order.sandbox, db, *suppressed, finished)

        way = self.ways.get(step.name, PLAIN)
        try:
            way.look()
            time.sleep(max(0.0, self.due - time.monotonic()))
            step.do(order, key, finish, **way.more, **more)
        except TicketwheelError as error:
            self.say(order.sandbox, events.StepFailed(**common, step=step.name, where=self.where, error=str(error)))
            raise
        self.reach(f"after:{step.name}")
        self.step = None

    def say(self, sandbox: str, event: events.Event) -> None:
        """Write an event, and what was left unsaid before it, in one transaction."""
        unsaid, self.unsaid = self.unsaid, ()
        with begin() as db:
            self._write(sandbox, db, *unsaid, event)

    def _write(self, sandbox: str, db: Connection, *happened: events.Event) -> None:
        self.happened += events.append(sandbox, *happened, db=db)
