"""Crowds at a shop with few slots, as the record would hold them: evenly spaced, first come first served."""

from __future__ import annotations

from dataclasses import replace

from lessons.labs.crowd import HELD_S, Run
from tests.lessons.recorded import START, at
from workers import events
from workers.events import Event
from workers.request_slots import IN_LINE_AT_MOST_S

FIRST = 1041


def record(checkout: str, slots: int, customers: int, until: float | None = None) -> list[Event]:
    """Everything that happened, oldest first, at the most until a moment; the first customer comes at 0.0."""
    free, happened = [0.0] * slots, [at_moment(-0.1, None, events.FloodStarted(per_second=customers, seconds=1))]
    for number in range(customers):
        happened += _customer(FIRST + number, checkout, number / customers, free)
    refused = sum(isinstance(event, events.RequestRefused) for event in happened)
    ended = max(event.at for event in happened if event.at)
    happened.append(replace(events.FloodEnded(placed=customers - refused, refused=refused), at=ended))
    happened.sort(key=lambda event: event.at or START)
    seen = [event for event in happened if until is None or (event.at and event.at <= at(until))]
    return [replace(event, sequence=number) for number, event in enumerate(seen, 1)]


def crowd(checkout: str, slots: int, customers: int, until: float | None = None) -> Run:
    """What the lab knows of such a run, at the end of it or at a moment."""
    now = at(600 if until is None else until)
    return Run.of(checkout, slots, customers, record(checkout, slots, customers, until), now)


def at_moment(seconds: float, order: int | None, event: Event) -> Event:
    return replace(event, order=order, at=at(seconds))


def _customer(order: int, checkout: str, came: float, free: list[float]) -> list[Event]:
    begins = max(came, min(free))
    queued = [at_moment(came, order, events.RequestQueued())] if begins > came else []
    if begins - came > IN_LINE_AT_MOST_S:
        refused = events.RequestRefused(reason="request_slots")
        return [*queued, at_moment(came + IN_LINE_AT_MOST_S, order, refused)]
    ends = begins + HELD_S[checkout]
    free[free.index(min(free))] = ends
    told = events.CustomerAnswered(checkout=checkout, outcome="success", waited_s=round(ends - came, 3))
    started = events.CheckoutStarted(checkout=checkout)
    return [*queued, at_moment(begins, order, started), at_moment(ends, order, told)]
