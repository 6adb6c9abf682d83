"""The race page's view of a snapshot: two lanes on one axis, the customers' waits, and what was saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lessons import telling
from lessons.lanes import Segment, complete, given_up, lay_out, moment, plan, put_aside
from lessons.scale import Scale, fit
from lessons.wheel import Kitchen, kitchen
from workers.checkout import LATER, STEPS
from workers.events import CheckoutStarted, CustomerAnswered, Event, StepFinished, StepStarted, WorkerCrashed
from workers.snapshot import Snapshot

STORY_NOW = sum(step.seconds for step in STEPS)
STORY_LATER = sum(step.seconds for step in STEPS if step not in LATER)


@dataclass(frozen=True)
class Wait:
    """What the customer waits, in seconds; it grows until `outcome` is known."""

    seconds: float = 0.0
    outcome: str | None = None  # "success" | "declined" | "failed"
    running: bool = False


@dataclass(frozen=True)
class Lane:
    """One order, from the press of the button to the last thing that is done for it."""

    checkout: str  # "now" | "later"
    segments: tuple[Segment, ...]
    wait: Wait
    sentence: telling.Sentence
    order: int | None = None
    began: datetime | None = None
    elapsed: float = 0.0  # seconds from the press of the button to now
    complete: bool = False
    put_aside: bool = False  # its message is a dead letter

    @property
    def workers(self) -> tuple[str, ...]:
        """The workers that had a hand in it, in the order in which they came."""
        return tuple(dict.fromkeys(s.worker for s in self.segments if s.worker))

    @property
    def attempts(self) -> int:
        """How often its message was begun."""
        return max((segment.attempt for segment in self.segments), default=1)

    @property
    def mishap(self) -> str:
        """What made it necessary to begin its message again."""
        # Who died between two steps has left none unfinished, and its message is held back all the same.
        killed = any(segment.state == "killed" or segment.kind == "time-out" for segment in self.segments)
        return "A worker died" if killed else "A step failed"

    @property
    def answer_at(self) -> float:
        """Where the customer's wait ends: measured, or planned as long as she waits."""
        planned = max((s.end for s in self.segments if s.column == "customer"), default=0.0)
        return self.wait.seconds if self.wait.outcome else planned

    @property
    def last(self) -> float:
        return max((segment.end for segment in self.segments), default=0.0)

    def epoch_ms(self, seconds: float) -> int:
        """The moment `seconds` after the press of the button, in milliseconds since 1970."""
        return int((self.began + timedelta(seconds=seconds)).timestamp() * 1000) if self.began else 0


@dataclass(frozen=True)
class Saved:
    """What the right customer was spared, from this run's own figures."""

    now_s: float
    later_s: float

    @property
    def seconds(self) -> float:
        return self.now_s - self.later_s

    @property
    def percent(self) -> int:
        return round(100 * self.seconds / self.now_s) if self.now_s else 0


@dataclass(frozen=True)
class RaceView:
    """All that the race's templates need to know about the two orders."""

    phase: str  # "idle" | "running" | "finished"
    now: Lane
    later: Lane
    scale: Scale
    saved: Saved | None
    kitchen: Kitchen | None
    spoken: str
    speed: float
    at_ms: int


@dataclass(frozen=True)
class Evidence:
    """Which answer to the observation question holds for this run, and the figures that say so."""

    holds: str  # "less" | "same" | "more"
    text: str


def view(snapshot: Snapshot | None, now: datetime, starting: bool = False) -> RaceView:
    """The page's view of the latest race; `starting` leaves out the race before the one that begins now."""
    speed = float(str(snapshot.settings.get("speed", 1))) if snapshot else 1.0
    events = () if snapshot is None or starting else snapshot.race
    lanes = {checkout: _lane(checkout, of_checkout(events, checkout), speed, now) for checkout in ("now", "later")}
    left, right = lanes["now"], lanes["later"]
    return RaceView(
        phase=_phase(left, right, starting),
        now=left,
        later=right,
        scale=fit(max(left.last, right.last), speed),
        saved=_saved(left, right),
        kitchen=kitchen(snapshot, now) if snapshot else None,
        spoken=telling.spoken(events, now),
        speed=speed,
        at_ms=int(now.timestamp() * 1000),
    )


def of_checkout(events: Sequence[Event], checkout: str) -> tuple[Event, ...]:
    """The events of the latest order that was placed this way."""
    order = next((e.order for e in reversed(events) if isinstance(e, CheckoutStarted) and e.checkout == checkout), None)
    return tuple(event for event in events if order is not None and event.order == order)


def finished(events: Sequence[Event]) -> bool:
    """True once all has happened that will ever happen to both orders."""
    return all(complete(of_checkout(events, checkout)) for checkout in ("now", "later"))


def evidence(events: Sequence[Event]) -> Evidence:
    """How much work the right order was, compared with the left one: how many steps were begun.

    Seconds would not do: at a high speed, or on a busy machine, two equal pieces of work differ in them.
    """
    left, right = (of_checkout(events, checkout) for checkout in ("now", "later"))
    more = _begun(right) - _begun(left)
    holds = "more" if more > 0 else "less" if more < 0 else "same"
    return Evidence(holds, telling.evidence(left, right, _worked(left), _worked(right)))


def _lane(checkout: str, events: Sequence[Event], speed: float, now: datetime) -> Lane:
    if not events:
        return Lane(checkout, plan(checkout, speed), Wait(), telling.before())
    began = moment(events[0])
    segments = lay_out(events, speed, now)
    elapsed = (now - began).total_seconds()
    wait = _wait(events, elapsed)
    aside = put_aside(events)
    sentence = telling.put_aside() if aside else telling.sentence(checkout, segments, wait.outcome, complete(events))
    if given_up(events) and not aside:
        sentence = telling.given_up()
    return Lane(checkout, segments, wait, sentence, events[0].order, began, elapsed, complete(events), aside)


def _wait(events: Sequence[Event], so_far: float) -> Wait:
    answered = next((e for e in events if isinstance(e, CustomerAnswered)), None)
    if answered:
        return Wait(answered.waited_s, answered.outcome)
    return Wait(max(0.0, so_far), running=True)


def _phase(left: Lane, right: Lane, starting: bool) -> str:
    if left.complete and right.complete:
        return "finished"
    return "running" if starting or left.began or right.began else "idle"


def _saved(left: Lane, right: Lane) -> Saved | None:
    both = left.complete and right.complete and left.wait.outcome == right.wait.outcome == "success"
    return Saved(left.wait.seconds, right.wait.seconds) if both else None


def _begun(events: Sequence[Event]) -> int:
    return sum(isinstance(event, StepStarted) for event in events)


def _worked(events: Sequence[Event]) -> float:
    """Seconds of work on one order: steps that finished, and what a killed worker had done of one."""
    finished = sum(event.seconds for event in events if isinstance(event, StepFinished))
    killed = [event for event in events if isinstance(event, WorkerCrashed)]
    if not killed:
        return finished
    cut = [s.seconds for s in lay_out(events, 1.0, moment(events[-1])) if s.state == "killed"]
    return finished + sum(cut)
