"""A run's events in words, each a line that says who did what, with its state for the shape beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lessons.experiment_words import setting, step
from lessons.lanes import moment
from workers import events as happened
from workers.events import Event
from workers.watch.rules import NAMED


@dataclass(frozen=True)
class Line:
    """One event: when, in seconds on the wall since the run began, and its state for the shape beside it."""

    number: int  # its place in the record, counted from 1
    at: float
    state: str
    text: str


def lines(record: Sequence[Event], began: float) -> tuple[Line, ...]:
    """The events that say something, oldest first; `began` is the moment of the first act (seconds since 1970)."""
    found = []
    for number, event in enumerate(record, 1):
        if told := _line(event):
            found.append(Line(number, round(moment(event).timestamp() - began, 2), *told))
    return tuple(found)


def _line(event: Event) -> tuple[str, str] | None:
    """Its state and its words; None for what a reader would only stumble over."""
    if type(event) in TELL:
        return TELL[type(event)](event)
    if event.type in LINES:
        state, text = LINES[event.type]
        return state, text.format(who=_who(event), order=event.order, attempt=event.attempt, **event.details)
    return None


def _who(event: Event) -> str:
    return event.worker or "the request"


def _failed(event: happened.StepFailed) -> tuple[str, str]:
    return "dead", f"{_who(event)} fails: {step(event.step)}: {event.error}"


def _answered(event: happened.CustomerAnswered) -> tuple[str, str]:
    state = "done" if event.outcome == "success" else "dead"
    return state, f"customer of {event.order} is told “{event.outcome}” after {event.waited_s:.2f}\u00a0s"


def _acknowledged(event: happened.MessageAcknowledged) -> tuple[str, str]:
    return "done", f"{_who(event)} acknowledges {event.order}{', before the work' if event.early else ''}"


def _suppressed(event: happened.DuplicateSuppressed) -> tuple[str, str]:
    by = "the receiver knows the key" if event.by == "receiver" else f"{_who(event)} finds the key, and skips"
    return "duplicate", f"{step(event.step)}: {by} ({event.key})"


def _killed(event: happened.WorkerCrashed) -> tuple[str, str]:
    held = f" with {event.order}" if event.order else ""
    return "dead", f"{event.worker} is killed{held} ({event.signal})"


def _again(event: happened.RetryScheduled | happened.MessageHeldBack) -> tuple[str, str]:
    return "retrying", f"{event.order} is tried again in {event.delay_s:g}\u00a0s"


def _set(event: happened.SettingsChanged) -> tuple[str, str]:
    return "running", f"set: {', '.join(setting(name, value) for name, value in event.changes.items())}"


def _rang(event: happened.AlertFired) -> tuple[str, str] | None:
    return ("dead", f"alert: {NAMED[event.rule].title}") if event.rule in NAMED else None


# Kinds of events of which more is said than a text with their fields.
TELL: dict[type[Event], Callable[[Any], tuple[str, str] | None]] = {
    happened.StepFailed: _failed,
    happened.CustomerAnswered: _answered,
    happened.MessageAcknowledged: _acknowledged,
    happened.DuplicateSuppressed: _suppressed,
    happened.WorkerCrashed: _killed,
    happened.RetryScheduled: _again,
    happened.MessageHeldBack: _again,
    happened.SettingsChanged: _set,
    happened.AlertFired: _rang,
    happened.StepFinished: lambda event: ("done", f"{_who(event)}: {step(event.step)}"),
}
# Kinds of events that need no more than their own fields: their state, and what they say.
LINES = {
    "MessageTaken": ("running", "{who} takes the message of {order}, delivery {attempt}"),
    "MessageRedelivered": ("retrying", "the message of {order} is on the queue again: {reason}"),
    "MessageDeadLettered": ("dead", "{order} is a dead letter: {error}"),
    "BatchPlaced": ("waiting", "{count} orders in one piece, from {first} on"),
    "DeadLettersDeleted": ("dead", "{count} dead letters are deleted"),
    "DeadLettersPurged": ("dead", "{count} dead letters are gone for good"),
    "CheckoutStarted": ("running", "customer of {order} presses the button"),
    "OrderPlaced": ("done", "order {order} is recorded"),
    "MessageEnqueued": ("waiting", "the message of {order} is on the queue"),
    "MessageLost": ("dead", "the queue has forgotten {order}, and nobody sends it again"),
    "MessageReplayed": ("retrying", "{order} is replayed"),
    "MessageAbandoned": ("dead", "{order} failed, and nobody tries it again"),
    "MessagePutOff": ("waiting", "{who} puts {order} off: another delivery has the claim"),
    "WriteRefused": ("refused", "{who} is refused: the receiver has seen delivery {highest}"),
    "AcknowledgementIgnored": ("refused", "{who} acknowledges {order} too late: {reason}"),
    "RequestRefused": ("refused", "a request is refused: {reason}"),
    "ConnectionWaited": ("waiting", "{who} waited {seconds:.2f} s for a connection"),
    "WorkerFrozen": ("refused", "{who} stands still (SIGSTOP)"),
    "WorkerThawed": ("running", "{who} goes on (SIGCONT)"),
    "WorkerHeld": ("waiting", "{who} stands before {place}"),
    "CheckoutCrashed": ("dead", "the process that took {order} is killed ({signal})"),
    "FloodStarted": ("running", "a flood of {per_second} a second begins"),
    "FloodEnded": ("done", "the flood is over: {placed} taken, {refused} refused"),
    "PoisonPlaced": ("dead", "{order} can never be completed"),
    "CircuitOpened": ("refused", "the circuit opens for {for_s:g} s"),
    "CircuitHalfOpened": ("retrying", "one call is let through"),
    "CircuitClosed": ("done", "the circuit is closed"),
    "OutageStarted": ("dead", "the partner is {partner}"),
    "OutageEnded": ("done", "the partner is up again"),
    "BrokerWiped": ("dead", "the broker has forgotten {messages} messages"),
    "DeadLetterRepaired": ("running", "the address of {order} is corrected"),
    "AnswerRefreshed": ("done", "{who} has made the list anew"),
    "MessageShed": ("refused", "{who} drops {small} small messages"),
}
