"""Tells the story of a few orders from the record: who held the message when, and what each of them did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from lessons.labs.story import Bar, Mark, Row, Story
from lessons.lanes import moment
from workers import events as happened
from workers.events import Event
from workers.trades import LABELS, LAST

PROCESSES = frozenset({"WorkerStarted", "WorkerFrozen", "WorkerThawed", "WorkerCrashed", "WorkerStopped"})
Place = tuple[str, str | int]  # who, and which of them


def tell(record: Sequence[Event], processes: Sequence[Event], now: datetime) -> Story:
    """The story of these orders' events; `processes` are the events of PROCESSES in their sandbox."""
    if not record:
        return Story((), 0.0)
    known = {event.sequence for event in record}
    every = [*record, *(event for event in processes if event.sequence not in known)]
    teller = _Teller(began=moment(record[0]), first=record[0].sequence)
    for event in sorted(every, key=lambda each: each.sequence):
        teller.hear(event)
    return teller.story(now)


@dataclass
class _Hand:
    """A row while it is told; each open stretch has a key of its own."""

    who: str
    name: str
    pid: int | None = None
    closed: list[Bar] = field(default_factory=list)
    open: dict[str, Bar] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    at_work: bool = False  # on a delivery, also between two of its steps and just after it was thawed

    def begin(self, key: str, bar: Bar) -> None:
        self.end(key, bar.start)
        self.open[key] = bar

    def end(self, key: str, at: float, state: str = "done") -> Bar | None:
        bar = self.open.pop(key, None)
        if bar:
            self.closed.append(replace(bar, end=at, state=state))
        return bar

    def row(self, until: float) -> Row:
        running = [replace(bar, end=max(bar.end, until)) for bar in self.open.values()]
        bars = sorted((*self.closed, *running), key=lambda bar: (bar.kind not in ("lease", "countdown"), bar.start))
        return Row(self.who, self.name, self.pid, tuple(bars), tuple(self.marks))


@dataclass
class _Teller:
    began: datetime
    first: int
    hands: dict[Place, _Hand] = field(default_factory=dict)
    pids: dict[str, int] = field(default_factory=dict)
    known: dict[tuple[str | None, str | None, int | None], str] = field(default_factory=dict)
    leases: dict[str, float] = field(default_factory=dict)  # how long each worker's last lease was
    taken: set[int | None] = field(default_factory=set)

    def hear(self, event: Event) -> None:
        """Take the next event; what happened to processes before the first customer is only who they are."""
        match event:
            case happened.WorkerStarted() if event.worker:
                self.pids[event.worker] = event.pid
            case _ if event.sequence < self.first:
                return
            case happened.WorkerCrashed() | happened.WorkerFrozen() | happened.WorkerThawed():
                self._hear_of_process(event)
            case happened.StepStarted() | happened.StepFinished() | happened.StepFailed():
                self._hear_of_step(event)
            case happened.DuplicateSuppressed():
                self.known[event.worker, event.step, event.attempt] = SUPPRESSED[event.by]
            case happened.CustomerAnswered():
                text = "success" if event.outcome == "success" else event.outcome
                state = "done" if event.outcome == "success" else "dead"
                self._mark(self._customer(event.order), event, state, text)
            case _:
                self._hear_of_message(event)

    def story(self, now: datetime) -> Story:
        until = max(0.0, (now - self.began).total_seconds())
        rank = {"customer": 0, "wheel": 1, "worker": 2}
        hands = sorted(self.hands.values(), key=lambda hand: rank[hand.who])
        rows = tuple(row for row in (hand.row(until) for hand in hands) if row.bars or row.marks)
        ended = [at for row in rows for at in (*(bar.end for bar in row.bars), *(mark.at for mark in row.marks))]
        open_ = any(hand.open or hand.at_work for hand in hands)
        return Story(rows, until if open_ else max(ended, default=0.0), open_)

    def _hear_of_step(self, event: happened.StepStarted | happened.StepFinished | happened.StepFailed) -> None:
        hand, at = self._hand(event), self._at(event)
        label = LABELS.get(event.step or "", event.step or "")
        if isinstance(event, happened.StepStarted):
            hand.begin("step", Bar("step", "running", label, at, at, event.step))
        elif isinstance(event, happened.StepFailed):
            hand.end("step", at, "failed")
            self._mark(hand, event, "dead", f"{label}: {event.error}")
        elif suppressed := self.known.get((event.worker, event.step, event.attempt)):
            hand.end("step", at, "suppressed")
            self._mark(hand, event, "duplicate", f"{label}: {suppressed}")
        else:
            hand.end("step", at)
        if event.step in LAST and isinstance(event, happened.StepFinished):
            hand.at_work = False  # what was acknowledged early has no other end

    def _hear_of_message(self, event: Event) -> None:
        at, wheel = self._at(event), self._wheel(event.order)
        match event:
            case happened.MessageEnqueued() if event.order not in self.taken:
                wheel.begin("wheel", Bar("wheel", "running", "on the wheel", at, at))
            case happened.MessageTaken():
                wheel.end("wheel", at)
                self._take(event, at)
            case happened.MessageRedelivered() | happened.MessageReplayed():
                reason = getattr(event, "reason", "replayed")
                if reason == "lease expired":
                    self._let_go(event.order, at)
                wheel.begin("wheel", Bar("wheel", "running", "back on the wheel", at, at))
                self._mark(wheel, event, "retrying", f"on the wheel again: {reason}")
            case happened.MessageAcknowledged():
                wheel.end("wheel", at)
                hand = self._hand(event)
                hand.end("lease", at)
                hand.end("countdown", at)
                hand.at_work &= getattr(event, "early", False)
                early = " before the work" if getattr(event, "early", False) else ""
                self._mark(hand, event, "done", f"acknowledged{early}")
            case _ if event.type in TOLD:
                state, text = TOLD[event.type]
                if event.type in ENDS_WORK:
                    self._hand(event).at_work = False
                if event.type in CUT_SHORT:
                    self._hand(event).end("step", at, "refused")
                if event.type in LETS_GO:
                    self._hand(event).end("lease", at)
                self._mark(self._hand(event), event, state, text)

    def _take(self, event: happened.MessageTaken, at: float) -> None:
        hand = self._hand(event)
        hand.at_work = True
        self.taken.add(event.order)
        self.leases[hand.name] = event.lease_s
        if getattr(event, "renewed", True):
            hand.begin("lease", Bar("lease", "running", f"holds the message, delivery {event.attempt}", at, at))
        else:
            end = at + event.lease_s
            hand.begin("countdown", Bar("countdown", "running", "holds the message; nobody renews its lease", at, end))

    def _let_go(self, order: int | None, at: float) -> None:
        """The lease that ran out is the one that nobody has renewed; the first to end, if there are several."""
        counting = [hand for hand in self.hands.values() if "countdown" in hand.open]
        for hand in sorted(counting, key=lambda each: each.open["countdown"].end)[:1]:
            hand.end("countdown", at)

    def _hear_of_process(self, event: happened.WorkerCrashed | happened.WorkerFrozen | happened.WorkerThawed) -> None:
        hand, at = (
            self.hands.get(("worker", event.pid)) or self.hands.get(("worker", event.worker or "")),
            self._at(event),
        )
        if hand is None:
            return  # it has had nothing to do with these orders
        if isinstance(event, happened.WorkerThawed):
            hand.end("still", at)
            self._mark(hand, event, "running", "goes on (SIGCONT)")
            if hand.end("countdown", at):  # it woke in time
                hand.begin("lease", Bar("lease", "running", "holds the message again", at, at))
            return
        held = hand.end("lease", at)
        if isinstance(event, happened.WorkerCrashed):
            hand.at_work = False
            step = hand.end("step", at, "cut off")
            hand.end("still", at)
            where = f" at “{step.text}”" if step else ""
            self._mark(hand, event, "dead", f"killed{where} ({event.signal})")
            if held and event.back_at:
                back = self._seconds(datetime.fromisoformat(event.back_at))
                hand.begin("countdown", Bar("countdown", "running", "its lease runs out", at, max(at, back)))
        else:
            self._mark(hand, event, "refused", "stands still (SIGSTOP)")
            hand.begin("still", Bar("still", "running", "stands still", at, at))
            if held:
                back = at + self.leases.get(hand.name, 0.0)
                hand.begin("countdown", Bar("countdown", "running", "its lease runs out, at the latest then", at, back))

    def _hand(self, event: Event) -> _Hand:
        """The process that did it, or the customer in whose request it was done."""
        if event.worker is None:
            return self._customer(event.order)
        pid = self.pids.get(event.worker)
        place: Place = ("worker", pid if pid is not None else event.worker)
        return self.hands.setdefault(place, _Hand("worker", event.worker, pid))

    def _customer(self, order: int | None) -> _Hand:
        return self.hands.setdefault(("customer", order or 0), _Hand("customer", f"customer of {order}"))

    def _wheel(self, order: int | None) -> _Hand:
        return self.hands.setdefault(("wheel", order or 0), _Hand("wheel", f"message of {order}"))

    def _mark(self, hand: _Hand, event: Event, state: str, text: str) -> None:
        hand.marks.append(Mark(self._at(event), state, text))

    def _at(self, event: Event) -> float:
        return self._seconds(moment(event))

    def _seconds(self, at: datetime) -> float:
        return round((at - self.began) / timedelta(seconds=1), 3)


# Other events that concern a message or its worker: their state, and what they say.
SUPPRESSED = {"receiver": "the receiver had it already", "sender": "left out, because it was noted as done"}
CUT_SHORT = ("WriteRefused", "MessagePutOff")
ENDS_WORK = (
    *("RetryScheduled", "MessageHeldBack", "MessageDeadLettered", "MessageAbandoned"),
    *("WriteRefused", "MessagePutOff", "AcknowledgementIgnored"),
)
LETS_GO = ("RetryScheduled", "MessageDeadLettered", "WriteRefused")
TOLD = {
    "CheckoutCrashed": ("dead", "the process that took the order was killed (SIGKILL)"),
    "OrderPlaced": ("running", "the order is committed"),
    "MessageLost": ("dead", "the queue has forgotten it, and nobody sends it again"),
    "RetryScheduled": ("retrying", "it failed, and is tried again later"),
    "MessageHeldBack": ("refused", "the circuit is open: it was not called, and the message waits"),
    "MessageDeadLettered": ("dead", "it failed too often: a dead letter"),
    "MessageAbandoned": ("dead", "it failed, and nobody tries it again"),
    "WriteRefused": ("refused", "its write was refused: the receiver has seen a newer delivery"),
    "MessagePutOff": ("waiting", "put off: another delivery has the claim"),
    "AcknowledgementIgnored": ("refused", "its acknowledgement came too late, and changed nothing"),
}
