"""What the labs read of the record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lessons.lanes import moment
from workers import events
from workers.events import Event, FloodEnded, FloodStarted, LabStarted

PAGE = 1000


def since(sandbox: str, after: int) -> Iterator[Event]:
    """Everything with a greater sequence number, oldest first."""
    while page := events.after(after, sandbox, PAGE):
        yield from page
        after = page[-1].sequence


def from_flood(sandbox: str, after: int, at_most: timedelta) -> Iterator[Event]:
    """From the first beginning of a flood on, for so long at most, or until another one begins."""
    began = None
    for event in since(sandbox, after):
        if isinstance(event, FloodStarted) and began:
            return
        if isinstance(event, FloodStarted):
            began = moment(event)
        if began and moment(event) > began + at_most:
            return
        if began:
            yield event


@dataclass(frozen=True)
class Begun:
    """A run of a lab whose flood is of small messages: from its flood's beginning to that of the next run's."""

    start: LabStarted
    began: datetime
    until: datetime | None  # None for the newest

    def holds(self, event: Event) -> bool:
        return moment(event) >= self.began and (self.until is None or moment(event) < self.until)

    def flood_ended(self, record: Sequence[Event]) -> bool:
        return any(isinstance(event, FloodEnded) and self.holds(event) for event in record)


def runs_of(lab: str, record: Sequence[Event], at_most: int) -> list[Begun]:
    """The newest runs of a lab, oldest first; a run's flood begins just before the record says that the run does."""
    found: list[tuple[LabStarted, datetime]] = []
    flood = None
    for event in record:
        if isinstance(event, FloodStarted) and event.kind == "analytics":
            flood = moment(event)
        if isinstance(event, LabStarted):
            found.append((event, flood or moment(event)))
    until = [*(began for _, began in found[1:]), None]
    runs = [Begun(start, began, until[number]) for number, (start, began) in enumerate(found)]
    return [run for run in runs if run.start.lab == lab][-at_most:]


def flood_ended(record: list[Event]) -> FloodEnded | None:
    """The end of the flood that the record begins with."""
    return next((event for event in record if isinstance(event, FloodEnded)), None)
