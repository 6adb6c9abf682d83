"""The tries of messages as they really happened: a row a message, a mark a try, and the pauses between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from lessons.lanes import moment
from workers import events as happened
from workers.events import Event

TYPES = (
    "MessageTaken",
    "RetryScheduled",
    "MessageHeldBack",
    "WorkerCrashed",
    "MessageAcknowledged",
    "MessageDeadLettered",
    "MessageReplayed",
)
# What became of a try, in a word.
WORDS = {
    "running": "at work",
    "done": "done",
    "retrying": "failed",
    "refused": "not called",
    "killed": "its worker died",
    "dead": "failed, put aside",
}
GAP_S = 1.0  # what is left of the time between the end of a run and a replay


@dataclass(frozen=True)
class Try:
    """One try; its moments are seconds on the run's clock, and `state` is a key of WORDS."""

    start: float
    end: float
    state: str
    why: str = ""

    @property
    def word(self) -> str:
        return WORDS[self.state]


@dataclass(frozen=True)
class Pause:
    """A stretch in which nobody works on the message: a pause, or the time-out of a dead worker's lease."""

    kind: str  # "pause" | "held back" | "time-out"
    start: float
    end: float


@dataclass(frozen=True)
class Row:
    """A message: `state` is what it is now ("waiting", "running", "retrying", "done", "dead")."""

    order: int
    message: str = ""
    state: str = "waiting"
    tries: tuple[Try, ...] = ()
    pauses: tuple[Pause, ...] = ()

    @property
    def over(self) -> bool:
        return self.state in ("done", "dead")

    @property
    def end(self) -> float:
        ends = [*(each.end for each in self.tries), *(each.end for each in self.pauses)]
        return max(ends, default=0.0)


@dataclass
class Clock:
    """Seconds since the run began, without the time in which everything was over until somebody replayed."""

    began: datetime
    cuts: list[tuple[float, float]] = field(default_factory=list)  # from this second on, so many are left out

    def at(self, when: datetime) -> float:
        second = (when - self.began).total_seconds()
        return round(second - next((left_out for start, left_out in reversed(self.cuts) if second >= start), 0.0), 3)

    def cut(self, when: datetime, last: float) -> None:
        """Nothing had happened since `last`, and now it goes on."""
        idle = self.at(when) - last - GAP_S
        if idle > 0:
            before = self.cuts[-1][1] if self.cuts else 0.0
            self.cuts.append(((when - self.began).total_seconds(), before + idle))


@dataclass
class Reader:
    """Takes the events of a run one by one."""

    clock: Clock
    rows: dict[int, Row]
    replays: list[float] = field(default_factory=list)

    def read(self, record: Iterable[Event], now: datetime) -> tuple[Row, ...]:
        """All rows, with what goes on drawn up to now."""
        for event in record:
            if event.order in self.rows and event.type in TYPES:
                self._hear(self.rows[event.order], event)
        until = self.clock.at(now)
        return tuple(_until(row, until) for row in self.rows.values())

    def _hear(self, row: Row, event: Event) -> None:
        if isinstance(event, happened.MessageReplayed) and all(each.over for each in self.rows.values()):
            self.clock.cut(moment(event), max(each.end for each in self.rows.values()))
            self.replays.append(self.clock.at(moment(event)))
        self.rows[row.order] = self._next(replace(row, message=event.message or row.message), event)

    def _next(self, row: Row, event: Event) -> Row:
        at = self.clock.at(moment(event))
        match event:
            case happened.MessageTaken():
                begun = (*_ended(row, at, "killed").tries, Try(at, at, "running"))
                return replace(row, state="running", tries=begun, pauses=_cut_short(row.pauses, at))
            case happened.RetryScheduled():
                return _paused(_ended(row, at, "retrying", event.error), "pause", at, event.delay_s)
            case happened.MessageHeldBack():
                return _paused(_ended(row, at, "refused"), "held back", at, event.delay_s)
            case happened.WorkerCrashed() if event.back_at:
                left_s = (datetime.fromisoformat(event.back_at) - moment(event)).total_seconds()
                return _paused(_ended(row, at, "killed", event.signal), "time-out", at, left_s)
            case happened.WorkerCrashed():
                return _ended(row, at, "killed", event.signal)
            case happened.MessageAcknowledged():
                return replace(_ended(row, at, "done"), state="done")
            case happened.MessageDeadLettered():
                return replace(_ended(row, at, "dead", event.error), state="dead")
        return replace(row, state="waiting")


def _ended(row: Row, at: float, state: str, why: str = "") -> Row:
    """Its running try ends; without one nothing does."""
    if not row.tries or row.tries[-1].state != "running":
        return row
    return replace(row, tries=(*row.tries[:-1], replace(row.tries[-1], end=at, state=state, why=why)))


def _paused(row: Row, kind: str, at: float, seconds: float) -> Row:
    pause = (Pause(kind, at, at + seconds),) if seconds else ()
    return replace(row, state="retrying", pauses=(*row.pauses, *pause))


def _cut_short(pauses: tuple[Pause, ...], at: float) -> tuple[Pause, ...]:
    return tuple(replace(pause, end=min(pause.end, at)) for pause in pauses)


def _until(row: Row, until: float) -> Row:
    """What goes on has its end at this moment; a pause is drawn as far as it has passed."""
    running = [replace(each, end=max(each.start, until)) if each.state == "running" else each for each in row.tries]
    return replace(row, tries=tuple(running), pauses=_cut_short(row.pauses, max(until, 0.0)))
