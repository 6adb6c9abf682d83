"""One order of the outbox lab: what its checkout left behind, with or without a death between its two writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from lessons.labs.story import Story
from lessons.labs.teller import tell
from lessons.lanes import moment
from workers import events as happened
from workers.events import Event
from workers.judges import Verdict

# By then the supervisor has looked several times for messages that nobody carries.
NOBODY_CAME = timedelta(seconds=5)
QUIET = timedelta(seconds=0.4)
AT_MOST = timedelta(seconds=60)


@dataclass(frozen=True)
class Handed:
    """An order and what is recorded of it."""

    handover: str
    scene: str
    record: tuple[Event, ...]
    processes: tuple[Event, ...]
    verdict: Verdict
    now: datetime

    @property
    def order(self) -> int:
        return self.verdict.order

    @cached_property
    def story(self) -> Story:
        return tell(self.record, self.processes, self.now)

    @property
    def crash(self) -> happened.CheckoutCrashed | None:
        return next((event for event in self.record if isinstance(event, happened.CheckoutCrashed)), None)

    @property
    def has_order(self) -> bool:
        """It is in the database."""
        return any(isinstance(event, happened.OrderPlaced) for event in self.record)

    @property
    def has_message(self) -> bool:
        """The queue was given a message about it."""
        return any(isinstance(event, happened.MessageEnqueued | happened.MessageTaken) for event in self.record)

    @property
    def put_aside(self) -> bool:
        return any(isinstance(event, happened.MessageDeadLettered) for event in self.record)

    @cached_property
    def over(self) -> bool:
        """True when nothing more will happen to it."""
        still_for = self.now - max(moment(event) for event in self.record)
        settled = self.put_aside or any(isinstance(event, happened.MessageAcknowledged) for event in self.record)
        left = self.crash is not None and not self.has_message and self.handover != "outbox"
        if self.now - moment(self.record[0]) > AT_MOST:
            return True
        return still_for > (NOBODY_CAME if left else QUIET) and (left or (settled and not self.story.open))

    @property
    def complete(self) -> bool:
        return not self.verdict.missing

    def seconds(self, event: Event) -> float:
        return round((moment(event) - moment(self.record[0])).total_seconds(), 3)


def told(run: Handed) -> Sequence[str]:
    """What became of it, in a few sentences with the figures of this run."""
    return tuple(_sentences(run))


def _sentences(run: Handed) -> Iterator[str]:
    if run.crash:
        at = f"{run.seconds(run.crash):.1f}\u00a0s"
        yield f"Process {run.crash.pid}, which took order {run.order}, was killed at {at}, between the two."
    if run.has_order and not run.has_message:
        yield f"Order {run.order} is in the database, paid for, and there is no message about it."
    elif run.has_message and not run.has_order:
        yield f"There is a message about order {run.order}, and no such order in the database."
    if not run.over:
        return
    if run.complete:
        last = max(moment(event) for event in run.record if event.type == "StepFinished")
        after = (last - moment(run.record[0])).total_seconds()
        yield f"All of its steps were done, the last after {after:.1f}\u00a0s."
        if run.crash:
            yield "The message was in the same transaction as the order, so somebody else could hand it over."
    elif run.put_aside:
        tries = sum(isinstance(event, happened.MessageTaken) for event in run.record)
        yield f"A worker took it {tries} times, found no order, and it was put aside. The customer paid for nothing."
    else:
        waited = (run.now - moment(run.crash or run.record[0])).total_seconds()
        later = f"{min(waited, 60):.0f}\u00a0s"
        yield f"{later} later nobody has taken it up, and nobody ever will: no program looks for it."
