"""The last runs of the lab of retries: which they were is kept with what the reader said, all else is in the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lessons.labs import herd, tries
from lessons.labs.tried import BACKOFFS, TROUBLES, Band, Plan, Run
from lessons.labs.tries import Clock, Reader, Row
from lessons.lanes import moment
from workers import commitments, events, partner_calls
from workers import events as happened
from workers.database import utc_now
from workers.events import Event

LAB = "retries-runs"
SHOWN = 6
AROUND = ("OutageStarted", "OutageEnded", "CircuitOpened", "CircuitHalfOpened", "CircuitClosed")
BEGINNINGS = ("BatchPlaced", "PoisonPlaced")
# A run in which nothing has happened for so long will not go on: a pause takes 64 seconds at the most.
QUIET = timedelta(seconds=75)
KNOWN_AT_MOST = 500
_known: dict[tuple[str, str], Run] = {}  # those that are over and not the newest


@dataclass(frozen=True)
class Mark:
    """Where in the record a run is: after which event, from which order on, and what was chosen for it."""

    after: int
    first: int
    plan: Plan

    @property
    def kind(self) -> str:
        """Runs of the same kind take one another's place."""
        plan = self.plan
        numbers = (TROUBLES.index(plan.trouble), BACKOFFS.index(plan.backoff), plan.circuit_breaker, plan.messages)
        return ".".join(str(int(number)) for number in numbers)

    def encode(self) -> str:
        plan = self.plan
        rest = (self.after, self.first, plan.seconds, plan.attempts, plan.idempotency == "receiver")
        return ".".join(str(int(number)) for number in rest)

    @classmethod
    def decode(cls, kind: str, text: str) -> Mark:
        trouble, backoff, breaker, messages = map(int, kind.split("."))
        after, first, seconds, attempts, keys = map(int, text.split("."))
        idempotency = "receiver" if keys else "off"
        plan = Plan(TROUBLES[trouble], seconds, messages, attempts, BACKOFFS[backoff], bool(breaker), idempotency)
        return cls(after, first, plan)

    @property
    def count(self) -> int:
        return self.plan.messages if self.plan.at_the_partner else 1


def keep(sandbox: str, mark: Mark) -> None:
    """Remember a run that has begun."""
    commitments.commit(sandbox, LAB, mark.kind, mark.encode())


def newest(sandbox: str) -> tuple[Run, ...]:
    """The last run of each kind, the newest first; only that one may still go on."""
    marks = [Mark.decode(kind, text) for kind, text in commitments.of_lab(sandbox, LAB).items()]
    marks.sort(key=lambda mark: -mark.after)
    return tuple(_run(sandbox, mark, index == 0) for index, mark in enumerate(marks[:SHOWN]))


def _run(sandbox: str, mark: Mark, is_newest: bool) -> Run:
    key = (sandbox, f"{mark.kind} {mark.encode()}")
    if not is_newest and key in _known:
        return _known[key]
    run = _read(sandbox, mark, utc_now())
    if run.over and not is_newest:
        if len(_known) >= KNOWN_AT_MOST:
            _known.clear()
        _known[key] = run
    return run


def _read(sandbox: str, mark: Mark, now: datetime) -> Run:
    record = events.of_types(sandbox, (*tries.TYPES, *AROUND, *BEGINNINGS), mark.after)
    placed = next((event for event in record if event.type in BEGINNINGS), None)
    began = moment(placed) if placed else now
    orders = range(mark.first, mark.first + mark.count)
    reader = Reader(Clock(began), {order: Row(order) for order in orders})
    rows = reader.read(record, now)
    last = max([began, *(moment(event) for event in record if event.order in reader.rows)])
    clock, abandoned = reader.clock, now > last + QUIET
    over = abandoned or all(row.over for row in rows)
    until = clock.at(now) if not over else max((row.end for row in rows), default=0.0)
    around = [event for event in record if event.type in AROUND]
    calls = partner_calls.about(sandbox, orders[0], orders[-1], began)
    herd_seen, fulfilled = herd.of([clock.at(call.at) for call in calls]), sum(call.status == 200 for call in calls)
    return Run(
        plan=mark.plan,
        rows=rows,
        until=until,
        herd=herd_seen,
        trouble=_trouble(around, clock, until) if mark.plan.at_the_partner else None,
        circuit=tuple(_circuit(around, clock, until)),
        delivered=tuple(partner_calls.delivered(sandbox, orders[0], orders[-1])),
        given_up=max(0, fulfilled - sum(row.state == "done" for row in rows)),
        replays=tuple(reader.replays),
        abandoned=abandoned,
    )


def _trouble(around: Sequence[Event], clock: Clock, until: float) -> Band | None:
    """The first outage of the run, which is its own; its state is "over" when it is."""
    started = next((event for event in around if isinstance(event, happened.OutageStarted)), None)
    if started is None:
        return None
    ended = (e for e in around if isinstance(e, happened.OutageEnded) and e.sequence > started.sequence)
    end = next(ended, None)
    start = max(0.0, clock.at(moment(started)))
    return Band("over", start, clock.at(moment(end))) if end else Band("going on", start, max(start, until))


def _circuit(around: Sequence[Event], clock: Clock, until: float) -> list[Band]:
    """From each change of the breaker to the next; what is closed is not drawn."""
    changes = [event for event in around if event.type.startswith("Circuit")]
    ends = [*(clock.at(moment(event)) for event in changes[1:]), until]
    words = {"CircuitOpened": "open", "CircuitHalfOpened": "half open"}
    drawn = [(words.get(event.type), clock.at(moment(event)), end) for event, end in zip(changes, ends, strict=False)]
    return [Band(state, start, max(start, end)) for state, start, end in drawn if state and start <= until]
