"""A run in words: what was done to the shop, and each event as a line that says who did what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lessons.lanes import moment
from workers import events as happened
from workers.events import Event
from workers.experiments import scenario as said
from workers.experiments.scenario import Scenario
from workers.sandboxes import DEFAULTS
from workers.trades import LABELS
from workers.watch.rules import NAMED

# What is ordered, one of it and more.
TRADES = {
    "checkout": ("order", "orders"),
    "photo": ("photo", "photos"),
    "video": ("film", "films"),
    "report": ("yearly report", "yearly reports"),
    "teapot": ("order of the last teapot", "orders of the last teapot"),
}


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


def done(scenario: Scenario, changes: dict[str, Any]) -> tuple[str, ...]:
    """What was set, and what was done, in a few words each."""
    settings = {name: value for name, value in scenario.settings.items() if value != DEFAULTS[name]} | changes
    found = [setting(name, value) for name, value in settings.items()]
    return (*found, *(words for act in scenario.acts for words in _act(act)))


def setting(name: str, value: Any) -> str:
    """A setting as people say it: “visibility time-out 4 s”, “lease renewal off”."""
    word = name.removesuffix("_s").replace("_", " ").replace("timeout", "time-out")
    shown = {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value
    unit = "\u00a0s" if name.endswith("_s") else ""
    return f"{word} {str(shown).replace('_', ' ')}{unit}"


def step(name: str | None) -> str:
    return LABELS.get(name or "", name or "")


def _act(act: Any) -> Iterator[str]:
    words = ACTS.get(type(act))
    if words and (text := words(act)):
        yield text


def _placed(act: said.Place) -> str:
    one_of_it, more_of_it = TRADES[act.trade]
    many = f"{act.orders} {more_of_it}" if act.orders > 1 else f"1 {one_of_it}"
    one = ", all by one customer" if act.customer == "same" and act.orders > 1 else ""
    paced = f", one every {act.every_s:g}\u00a0s" if act.every_s and act.orders > 1 else ""
    refused = ", for somebody who may not see it" if act.trade == "report" else ", with a declined card"
    declined = refused if act.card == "declined" else ""
    if act.checkout == "now":
        how = ", everything in the request"
    elif act.later is not None:
        how = f", left for later: {', '.join(map(step, act.later)) or 'nothing'}"
    else:
        how = ""
    return f"{many}{one}{paced}{declined}{how}"


def _crashed(act: said.Crash) -> str:
    victim = "the checkout" if act.victim == "checkout" else "a worker"
    return f"kill −9 for {victim}{'' if act.at == 'now' else f', {_place(act.at)}'}"


def _place(place: str) -> str:
    where, _, name = place.partition(":")
    fixed = {
        "between": "between its two writes",
        "before_ack": "before it acknowledges",
        "anywhere": "at a drawn place",
    }
    return fixed.get(place) or f"{where} “{step(name)}”"


def _flooded(act: said.Flood) -> str:
    what = "customers" if act.kind == "checkout" else f"small messages about {act.kind}"
    uneven = ", unevenly" if act.at_random else ""
    return f"{act.per_second:,} {what} a second for {act.seconds}\u00a0s{uneven}{LOOKUPS.get(act.lookup or '', '')}"


def _poisoned(act: said.Poison) -> str:
    return "a message that always fails" if act.kind == "error" else "a message that kills its worker"


LOOKUPS = {
    "one": ", each of which needs an answer of a slow server",
    "parallel": ", each of which needs an answer of a slow server that gives ten at a time",
    "cached": ", with the answers of a slow server kept",
}
PLACES = {
    "between": "between its two writes",
    "before_ack": "before it acknowledges",
    "anywhere": "at a place that is drawn",
}
PLAIN = {
    "end_hold": "nobody is held any more",
    "wipe": "the broker forgets everything",
    "forget": "the receivers forget their keys",
    "unclaim": "the workers’ keys and claims are deleted",
    "replay": "all dead letters are replayed",
    "compare": "dead letters that the partner has on its list are deleted",
    "delete": "all dead letters are deleted",
    "cool": "the cache is emptied",
    "stop_flood": "the flood is stopped",
    "readdress": "every customer corrects the e-mail address of her order",
}
ACTS: dict[type[Any], Callable[[Any], str]] = {
    said.Place: _placed,
    said.Batch: lambda act: f"{act.orders} orders in one piece, of which only the call to the partner is left",
    said.Poison: lambda act: (
        "a message that always fails" if act.kind == "error" else "a message that kills its worker"
    ),
    said.Crash: _crashed,
    said.Freeze: lambda act: f"a worker is frozen{'' if act.at == 'now' else f', {_place(act.at)}'}",
    said.Thaw: lambda act: "frozen workers go on",
    said.Duplicate: lambda act: "every message once more" if act.which == "all" else "its message once more",
    said.Set: lambda act: ", ".join(f"then {setting(name, value)}" for name, value in act.settings.items()),
    said.Flood: _flooded,
    said.Hold: lambda act: f"workers stand before each action of “{step(act.step)}”",
    said.Go: lambda act: f"delivery {act.delivery} takes {act.actions} of its actions",
    said.Ask: lambda act: f"{act.visitors} visitors ask for the list",
    said.Repair: lambda act: "the address of each dead letter is corrected",
    said.Plain: lambda act: PLAIN[act.do],
    said.Pause: lambda act: f"{act.seconds:g}\u00a0s pass",
}


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
