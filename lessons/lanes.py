"""One order's events laid out in time: what ran, what was killed, what waited, and what is still to come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from workers import events as happened
from workers.attempts import Step
from workers.checkout import LATER, STEPS
from workers.events import Event

# A message lies on the wheel for a few milliseconds even when a worker is free: too short to be shown as a wait.
SHORTEST_WAIT = 0.15
_BEGUN_ANEW = (
    happened.WorkerCrashed,
    happened.RetryScheduled,
    happened.MessageHeldBack,
    happened.MessageRedelivered,
    happened.MessageReplayed,
)


@dataclass(frozen=True)
class Segment:
    """A stretch of the lane; `start` and `end` are seconds since this customer pressed the button."""

    kind: str  # "step" | "wheel" | "time-out"
    state: str  # "planned" | "running" | "done" | "failed" | "killed"
    column: str  # "customer" | "worker"
    label: str  # what is done; for a "time-out", what the killed worker was at
    start: float
    end: float
    step: str | None = None
    worker: str | None = None
    attempt: int = 1
    repeated: bool = True  # False: the receiver knew the key, so the effect did not happen again
    expected: float = 0.0  # where the plan has its end, for a step that is running

    @property
    def seconds(self) -> float:
        return max(0.0, self.end - self.start)

    @property
    def room(self) -> float:
        """The seconds for which it has room on the axis: a running step has its planned time."""
        return max(self.seconds, self.expected - self.start)


def lay_out(events: Sequence[Event], speed: float, now: datetime) -> tuple[Segment, ...]:
    """Every stretch of one order: those that happened, oldest first, then those that are planned."""
    events = tuple(_in_charge(events))
    table = _Table(began=moment(events[0]))
    for event in events:
        table.add(event)
    done = tuple(replace(s, expected=_expected_end(s, speed)) for s in table.finished(now))
    return (*done, *_planned(_left_to_do(events), done, speed))


def plan(checkout: str, speed: float) -> tuple[Segment, ...]:
    """The lane as the story tells it, before anything has run."""
    return _planned([(step, _column(step, checkout)) for step in STEPS], (), speed)


def complete(events: Sequence[Event]) -> bool:
    """True once all that will ever happen to this order has happened."""
    answered = next((e for e in events if isinstance(e, happened.CustomerAnswered)), None)
    if answered is None:
        return False
    if answered.checkout == "now" or answered.outcome != "success":
        return True
    return _acknowledged(events) or put_aside(events) or given_up(events)


def _acknowledged(events: Sequence[Event]) -> bool:
    """Its message is acknowledged, and the work is done; that comes later when it was acknowledged before it."""
    told = [e for e in events if isinstance(e, happened.MessageAcknowledged)]
    return any(not e.early for e in told) or (bool(told) and _has_ended(events))


def _has_ended(events: Sequence[Event]) -> bool:
    return any(isinstance(e, happened.StepFinished) and e.step == LATER[-1].name for e in events)


def given_up(events: Sequence[Event]) -> bool:
    """True when its message was acknowledged before the work, and whoever was at it died, or failed."""
    early = not _has_ended(events) and any(isinstance(e, happened.MessageAcknowledged) and e.early for e in events)
    died = any(isinstance(e, happened.WorkerCrashed) and e.back_at is None for e in events)
    return early and (died or any(isinstance(e, happened.MessageAbandoned) for e in events))


def put_aside(events: Sequence[Event]) -> bool:
    """True while its message is a dead letter: it failed too often, and nobody has replayed it."""
    fates = [e for e in events if isinstance(e, happened.MessageDeadLettered | happened.MessageReplayed)]
    return bool(fates) and isinstance(fates[-1], happened.MessageDeadLettered)


def moment(event: Event) -> datetime:
    """When the event was recorded; one that was read back always has it."""
    assert event.at is not None
    return event.at


def _in_charge(events: Iterable[Event]) -> Iterator[Event]:
    """Without the steps of a worker that was frozen, and goes on with what another has by now: the lane is hers."""
    attempt = 0
    for event in events:
        if isinstance(event, happened.MessageTaken):
            attempt = event.attempt or 0
        of_worker = (
            isinstance(event, happened.StepStarted | happened.StepFinished | happened.StepFailed) and event.worker
        )
        if not of_worker or (event.attempt or 0) >= attempt:
            yield event


@dataclass
class _Table:
    """Takes the events one by one; a stretch is open until the event comes that ends it."""

    began: datetime
    closed: list[Segment] = field(default_factory=list)
    open: dict[str, Segment] = field(default_factory=dict)
    known: set[tuple[str | None, int | None]] = field(default_factory=set)
    taken: bool = False

    def add(self, event: Event) -> None:
        at = self._seconds(moment(event))
        match event:
            case happened.StepStarted():
                self.open["step"] = _begun(event, at)
            case happened.DuplicateSuppressed():
                self.known.add((event.step, event.attempt))
            case happened.StepFinished():
                self._close("step", at, "done", repeated=(event.step, event.attempt) not in self.known)
            case happened.StepFailed() | happened.MessagePutOff() | happened.WriteRefused():
                self._close("step", at, "failed")
            case happened.WorkerCrashed():
                self._crash(event, at)
            case _:
                self._add_message(event, at)

    def _add_message(self, event: Event, at: float) -> None:
        match event:
            case happened.MessageEnqueued() if not self.taken:  # a quick worker takes it before that is written down
                self._wait("on the wheel", at)
            case happened.MessageTaken():
                self._taken(at)
            case happened.RetryScheduled() | happened.MessageHeldBack():
                self._wait("waits for its next try", at)
            case happened.MessageRedelivered() | happened.MessageReplayed():
                self._close("time-out", at, "done")
                self._wait("back on the wheel", at)

    def _wait(self, label: str, at: float) -> None:
        self._close("wheel", at, "done")
        self.open["wheel"] = Segment("wheel", "running", "worker", label, at, at)

    def finished(self, now: datetime) -> tuple[Segment, ...]:
        """The closed stretches and those that are still going on, in the order in which they began."""
        until = self._seconds(now)
        running = [replace(s, end=max(s.end, until)) for s in self.open.values()]
        shown = [s for s in (*self.closed, *running) if s.kind != "wheel" or s.seconds >= SHORTEST_WAIT]
        return tuple(sorted(shown, key=lambda s: s.start))

    def _taken(self, at: float) -> None:
        self.taken = True
        for kind in ("time-out", "wheel"):
            self._close(kind, at, "done")
        self._close("step", at, "killed")  # whoever began it is gone: its death was never recorded

    def _crash(self, event: happened.WorkerCrashed, at: float) -> None:
        step = event.step or (self.open["step"].step if "step" in self.open else None)
        self._close("step", at, "killed")
        if not event.back_at:
            return  # acknowledged before the work: nothing comes back
        back = self._seconds(datetime.fromisoformat(event.back_at))
        self.open["time-out"] = Segment(
            "time-out", "running", "worker", _label(step), at, max(at, back), step, event.worker
        )

    def _close(self, kind: str, at: float, state: str, repeated: bool = True) -> None:
        if segment := self.open.pop(kind, None):
            self.closed.append(replace(segment, end=at, state=state, repeated=repeated))

    def _seconds(self, at: datetime) -> float:
        return (at - self.began).total_seconds()


def _begun(event: happened.StepStarted, at: float) -> Segment:
    column = "customer" if event.where == "request" else "worker"
    return Segment("step", "running", column, _label(event.step), at, at, event.step, event.worker, event.attempt or 1)


def _label(name: str | None) -> str:
    return next((step.label for step in STEPS if step.name == name), name or "")


def _left_to_do(events: Sequence[Event]) -> list[tuple[Step, str]]:
    """The steps that this order has not begun; a message that comes back begins all of its steps again."""
    checkout = next((e.checkout for e in events if isinstance(e, happened.CheckoutStarted)), "now")
    if complete(events) or any(isinstance(e, happened.StepFailed) and e.where == "request" for e in events):
        return []
    begun: set[str | None] = set()
    for event in events:
        if isinstance(event, happened.StepStarted):
            begun.add(event.step)
        elif isinstance(event, _BEGUN_ANEW):
            begun -= {step.name for step in LATER}
    return [(step, _column(step, checkout)) for step in STEPS if step.name not in begun]


def _planned(todo: Sequence[tuple[Step, str]], done: Sequence[Segment], speed: float) -> tuple[Segment, ...]:
    """The steps to come, one after the other, from where the last stretch ends or is expected to end."""
    at = max((segment.expected for segment in done), default=0.0)
    segments = []
    for step, column in todo:
        end = at + step.seconds / speed
        segments.append(Segment("step", "planned", column, step.label, at, end, step.name))
        at = end
    return tuple(segments)


def _expected_end(segment: Segment, speed: float) -> float:
    if segment.state != "running" or segment.kind != "step":
        return segment.end
    story = next((step.seconds for step in STEPS if step.name == segment.step), 0.0)
    return max(segment.end, segment.start + story / speed)


def _column(step: Step, checkout: str) -> str:
    """Who does a step: a worker, when the order is placed "later" and nobody waits for it."""
    return "worker" if checkout == "later" and step in LATER else "customer"
