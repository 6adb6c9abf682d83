"""One attempt at an order's steps: by the request that the customer waits for, or by a worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlalchemy import Connection

from workers import events
from workers.connections import broker
from workers.database import begin
from workers.errors import Fenced, InProgress, TicketwheelError
from workers.idempotency import seen
from workers.idempotency.keys import KEYS
from workers.idempotency.strategies import STRATEGIES
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
    connects: bool = False  # it keeps a database connection for as long as it takes


def nobody_stops_here(place: str) -> None:
    """A request is never killed by the chaos buttons."""


def _nobody_waits(say: Callable[[float, bool], None]) -> AbstractContextManager[None]:
    """A request has its connection already."""
    return nullcontext()


@dataclass
class Attempt:
    """Who does the steps, at which speed, and how repeats are treated."""

    where: str  # "request" | "worker"
    speed: float
    idempotency: str
    number: int = 1
    worker: str | None = None
    message: str | None = None
    reach: Callable[[str], None] = nobody_stops_here
    connect: Callable[[Callable[[float, bool], None]], AbstractContextManager[None]] = _nobody_waits
    unsaid: tuple[events.Event, ...] = ()  # events that are written together with the next one
    ways: Ways = field(default_factory=dict)  # of the steps that are not done the plain way
    step: str | None = None  # the one that it is at, or was when it failed
    happened: list[events.Event] = field(default_factory=list)  # what was written so far
    due: float = field(default_factory=time.monotonic)  # when the step before was to end: ours begins on that dot
    idempotency_key: str = "order"
    lease_s: int = 8  # how long a claim holds
    fencing: bool = False  # whether receivers are told which delivery writes

    def perform(self, step: Step, order: Order, **more: object) -> None:
        """Do one step in the story's time, as the strategy says, and say that it began and ended."""
        self.step = step.name
        self.reach(f"before:{step.name}")
        doing = Doing(self, step, order, more)
        self.say(order.sandbox, doing.tell(events.StepStarted, where=self.where))
        try:
            STRATEGIES[self.idempotency](doing)
        except InProgress:
            self.say(order.sandbox, doing.tell(events.MessagePutOff, key=doing.key))
            raise
        except Fenced as error:
            self.say(order.sandbox, doing.tell(events.WriteRefused, token=error.token, highest=error.highest))
            raise
        except TicketwheelError as error:
            self.say(order.sandbox, doing.tell(events.StepFailed, where=self.where, error=str(error)))
            raise
        self.reach(f"after:{step.name}")
        self.step = None

    def say(self, sandbox: str, *told: events.Event) -> None:
        """Write events, and what was left unsaid before them, in one transaction."""
        unsaid, self.unsaid = self.unsaid, ()
        with begin() as db:
            self.write(sandbox, db, *unsaid, *told)

    def write(self, sandbox: str, db: Connection, *happened: events.Event) -> None:
        """Write events in the caller's transaction."""
        self.happened += events.append(sandbox, *happened, db=db)


class Doing:
    """One step of one attempt: the hands of its strategy, each of whose actions has a place that is passed before it.

    See workers/idempotency/strategies.py.
    """

    def __init__(self, attempt: Attempt, step: Step, order: Order, more: dict[str, object]) -> None:
        self.attempt, self.step, self.more = attempt, step, more
        self.order = replace(order, token=attempt.number) if attempt.fencing else order
        self.sandbox, self.began = order.sandbox, time.monotonic()
        self.key = KEYS[attempt.idempotency_key](step.name, order)
        self.owner = f"{attempt.message} {attempt.number}"  # of a claim: this very delivery

    def seen(self) -> bool:
        self._reach("check")
        return seen.is_marked(broker(), self.sandbox, self.key)

    def claim(self) -> bool:
        self._reach("claim")
        return seen.claim(broker(), self.sandbox, self.key)

    def claim_for_a_while(self) -> Literal["ours", "held", "done"]:
        self._reach("claim")
        return seen.claim_for_a_while(broker(), self.sandbox, self.key, self.owner, self.attempt.lease_s)

    def work(self, with_key: bool = False) -> None:
        seconds, way = self.step.seconds / self.attempt.speed, self.attempt.ways.get(self.step.name, PLAIN)
        way.look()
        with self.attempt.connect(self._waited) if self.step.connects else nullcontext():
            self.attempt.due = max(self.attempt.due, time.monotonic() - LATE_AT_MOST_S) + seconds
            _sleep_until(self.attempt.due - seconds / 2)
            self._reach("in")
            _sleep_until(self.attempt.due)
            self.step.do(self.order, self.key if with_key else None, self._finish, **way.more, **self.more)

    def mark(self) -> None:
        self._reach("mark")
        seen.mark(broker(), self.sandbox, self.key)

    def turn_claim_into_mark(self) -> bool:
        self._reach("mark")
        return seen.turn_claim_into_mark(broker(), self.sandbox, self.key, self.owner)

    def skip(self) -> None:
        suppressed = self.tell(events.DuplicateSuppressed, key=self.key, by="sender")
        self.attempt.say(self.sandbox, suppressed, self._finished())

    def tell(self, kind: type[events.Event], **details: Any) -> events.Event:
        """An event about this step."""
        whose: dict[str, Any] = {
            "message": self.attempt.message,
            "worker": self.attempt.worker,
            "attempt": self.attempt.number,
        }
        return kind(order=self.order.number, step=self.step.name, **whose, **details)

    def _finish(self, db: Connection, first_time: bool) -> None:
        suppressed = [] if first_time else [self.tell(events.DuplicateSuppressed, key=self.key)]
        self.attempt.write(self.sandbox, db, *suppressed, self._finished())

    def _waited(self, seconds: float, got: bool) -> None:
        self.attempt.due = time.monotonic()  # the work itself begins only now
        self.attempt.say(self.sandbox, self.tell(events.ConnectionWaited, seconds=seconds, got=got))

    def _finished(self) -> events.Event:
        took_s = round(time.monotonic() - self.began, 3)
        return self.tell(events.StepFinished, where=self.attempt.where, seconds=took_s)

    def _reach(self, action: str) -> None:
        self.attempt.reach(f"{action}:{self.step.name}")


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
