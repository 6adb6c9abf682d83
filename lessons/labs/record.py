"""What the labs read of the record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from lessons.lanes import moment
from workers import events
from workers.events import Event, FloodEnded, FloodStarted

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


def flood_ended(record: list[Event]) -> FloodEnded | None:
    """The end of the flood that the record begins with."""
    return next((event for event in record if isinstance(event, FloodEnded)), None)
