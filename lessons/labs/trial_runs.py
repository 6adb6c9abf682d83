"""One run of the crash lab as its page shows it: the story, the judges, and the figures that its words need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from lessons.labs.story import Story
from lessons.labs.teller import tell
from lessons.labs.trials import Trial
from lessons.lanes import moment
from workers import events as happened
from workers.events import Event
from workers.judges import Verdict

# A run that has not ended by then is left alone: its workers were sent home, or the product was stopped.
AT_MOST = timedelta(seconds=60)
# A worker needs a moment from one step to the next; then nothing more will happen.
QUIET = timedelta(seconds=0.4)


@dataclass(frozen=True)
class Run:
    """A trial and what is recorded of its order; moments are seconds since its customer pressed the button."""

    trial: Trial
    record: tuple[Event, ...]
    processes: tuple[Event, ...]
    verdict: Verdict
    now: datetime

    @property
    def order(self) -> int:
        return self.trial.order

    @cached_property
    def story(self) -> Story:
        return tell(self.record, self.processes, self.now)

    @cached_property
    def over(self) -> bool:
        """True when nothing more will happen to the order."""
        if self.now - moment(self.record[0]) > AT_MOST:
            return True
        settled = any(isinstance(event, happened.MessageAcknowledged) for event in self.record)
        return settled and not self.story.open and self.now - self.last_at > QUIET

    @property
    def last_at(self) -> datetime:
        return max(moment(event) for event in self.record)

    @property
    def lost(self) -> bool:
        """Nobody will do what is missing."""
        return self.over and bool(self.verdict.missing)

    @cached_property
    def complete_s(self) -> float | None:
        """When the last of the seven effects was there for the first time; None while one is missing."""
        if self.verdict.missing:
            return None
        first: dict[str | None, datetime] = {}
        for event in self.steps("StepFinished"):
            first.setdefault(event.step, moment(event))
        return self.seconds(max(first.values())) if first else None

    @cached_property
    def deliveries(self) -> tuple[happened.MessageTaken, ...]:
        return tuple(event for event in self.record if isinstance(event, happened.MessageTaken))

    @cached_property
    def crash(self) -> happened.WorkerCrashed | None:
        return next((event for event in self.record if isinstance(event, happened.WorkerCrashed)), None)

    @cached_property
    def freeze(self) -> happened.WorkerFrozen | None:
        """The first worker of this order that was made to stand still."""
        mine = {event.worker for event in self.deliveries}
        since = self.record[0].sequence
        frozen = (event for event in self.processes if isinstance(event, happened.WorkerFrozen))
        return next((event for event in frozen if event.sequence > since and event.worker in mine), None)

    @property
    def first_back(self) -> happened.MessageRedelivered | None:
        return next((event for event in self.record if isinstance(event, happened.MessageRedelivered)), None)

    def steps(self, kind: str, attempt: int | None = None) -> Sequence[Event]:
        """What workers began or finished, all of them or one delivery's."""
        by_workers = (event for event in self.record if event.type == kind and event.worker)
        return [event for event in by_workers if attempt in (None, event.attempt)]

    def seconds(self, at: datetime) -> float:
        return round((at - moment(self.record[0])).total_seconds(), 3)

    def when(self, event: Event) -> float:
        return self.seconds(moment(event))
