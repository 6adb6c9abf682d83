"""The sentences that the race page says about a run, each from its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lessons.lanes import Segment, moment
from workers import events as happened
from workers.checkout import LATER
from workers.events import Event

# Screen readers are told of news at most this often; what happens in between is said together, afterwards.
QUIET = timedelta(seconds=5)


@dataclass(frozen=True)
class Sentence:
    """What a lane says below its clock; the tone decides its colour and its mark."""

    text: str
    tone: str  # "still" | "waiting" | "success" | "trouble"


def before() -> Sentence:
    """The sentence of a lane whose customer has not pressed the button."""
    return Sentence("nobody waits yet", "still")


def sentence(checkout: str, segments: Sequence[Segment], outcome: str | None, over: bool) -> Sentence:
    """How it stands with the customer of one lane."""
    if outcome is None:
        return _still_waiting(segments)
    if outcome == "declined":
        return Sentence("Card declined: no order, no message.", "trouble")
    if outcome == "failed":
        return Sentence("The shop could not take this order.", "trouble")
    if checkout == "now":
        return Sentence("Success, after all nine.", "success")
    return Sentence(f"Success, and gone. {_without_her(segments, over)}", "success")


def put_aside() -> Sentence:
    """The sentence of an order whose message has failed too often."""
    return Sentence("Success, and gone. What was left to do failed too often, and is a dead letter now.", "trouble")


def given_up() -> Sentence:
    """The sentence of an order that nobody will complete."""
    return Sentence(
        "Success, and gone. The rest of her order was acknowledged before it was done: it is lost.", "trouble"
    )


def spoken(events: Sequence[Event], now: datetime) -> str:
    """The news for the live region: it changes only with its meaning, and at most every five seconds."""
    news: list[tuple[datetime, str]] = []
    for event in events:
        if said := _news(event, events):
            due = max(moment(event), news[-1][0] + QUIET) if news else moment(event)
            together = bool(news) and moment(event) < news[-1][0]
            news = [*news[:-1], (news[-1][0], f"{news[-1][1]} {said}")] if together else [*news, (due, said)]
    return next((text for due, text in reversed(news) if due <= now), "")


def evidence(left: Sequence[Event], right: Sequence[Event], left_s: float, right_s: float) -> str:
    """The figures behind the observation question."""
    steps = [e for e in right if isinstance(e, happened.StepFinished)]
    by_worker = [e for e in steps if e.where == "worker"]
    hands = _and(list(dict.fromkeys(e.worker for e in by_worker if e.worker)))
    text = (
        f"Left: {_done(left)} steps, {left_s:.1f} s of work, all in the request. "
        f"Right: {len(steps)} steps, {right_s:.1f} s: {len(steps) - len(by_worker)} in the request, "
        f"{len(by_worker)} by {hands or 'a worker'}."
    )
    crashes = sum(isinstance(e, happened.WorkerCrashed) and e.back_at is not None for e in right)
    if crashes:
        return f"{text} A killed worker's message is done again from its first step: a crash costs work, not orders."
    return f"{text} A queue takes nothing off the work. It takes the work out of her wait."


def _still_waiting(segments: Sequence[Segment]) -> Sentence:
    at = next((s.label for s in segments if s.kind == "step" and s.state == "running"), None)
    return Sentence(f"still waiting at “{at}”" if at else "still waiting", "waiting")


def _without_her(segments: Sequence[Segment], over: bool) -> str:
    """What goes on after the answer: how much of it, and by whose hand."""
    later = [s for s in segments if s.column == "worker" and s.kind == "step"]
    if over:
        hands = _and(list(dict.fromkeys(s.worker for s in later if s.worker)))
        return f"The other {sum(s.seconds for s in later):.1f}\u00a0s were done by {hands} without her."
    if any(s.kind == "time-out" and s.state == "running" for s in segments):
        return "A worker was killed; she does not notice."
    attempt = max((s.attempt for s in later), default=1)
    to_do = sum(s.room for s in later if s.state == "planned" or s.attempt == attempt)
    return f"{to_do:.1f}\u00a0s of work go on without her."


def _news(event: Event, events: Sequence[Event]) -> str | None:
    match event:
        case happened.CustomerAnswered(outcome="success"):
            side = "left" if event.checkout == "now" else "right"
            return f"The {side} customer has her answer after {event.waited_s:.1f} seconds."
        case happened.CustomerAnswered():
            return f"The order was not taken: {event.outcome}."
        case happened.WorkerCrashed():
            waits = "its message waits for the visibility time-out" if event.back_at else "nobody does the rest"
            return f"Worker {event.worker} was killed; {waits}."
        case happened.RetryScheduled() | happened.MessageHeldBack():
            return f"A try failed; the next one is in {event.delay_s:.0f} seconds."
        case happened.MessageDeadLettered():
            return "The work has failed too often; its message is a dead letter now."
        case happened.MessageRedelivered():
            return "The message is back on the wheel."
        case happened.MessageAbandoned():
            return "A step failed, and the message was acknowledged before it: nobody does the rest."
        case happened.MessageAcknowledged(early=True):
            return "The message is acknowledged, before its work."
        case happened.MessageAcknowledged():
            return f"All {len(LATER)} later steps are done."
    return None


def _done(events: Sequence[Event]) -> int:
    return sum(isinstance(event, happened.StepFinished) for event in events)


def _and(names: Sequence[str]) -> str:
    return " and ".join(", ".join(names).rsplit(", ", 1))
