"""One run of the slots lab: who stood in line and who was served, from when to when, read from the record."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from lessons.lanes import moment
from workers.checkout import LATER, STEPS
from workers.events import CheckoutStarted, CustomerAnswered, Event, FloodEnded, RequestQueued, RequestRefused
from workers.request_slots import IN_LINE_AT_MOST_S

SPEED = 4
# What a checkout holds its slot for, by the story's figures and at the lab's speed.
HELD_S = {
    "now": sum(step.seconds for step in STEPS) / SPEED,
    "later": sum(step.seconds for step in STEPS if step not in LATER) / SPEED,
}
Story = Mapping[type[Event], Event]  # what happened to one customer


@dataclass(frozen=True)
class Customer:
    """One row of the picture; her moments are seconds since the first customer came."""

    number: int  # in the order of arrival
    order: int | None
    state: str  # "in line" | "being served" | "answered" | "sent away" | "failed"
    arrived: float
    slot: float | None  # when she got one
    end: float  # of her wait, or of what is known of it

    @property
    def waited(self) -> float:
        return self.end - self.arrived

    @property
    def in_line(self) -> float:
        return (self.end if self.slot is None else self.slot) - self.arrived

    @property
    def served(self) -> float:
        return self.end - self.arrived - self.in_line


@dataclass(frozen=True)
class Run:
    """So many customers within a second, and so many slots."""

    checkout: str  # "now" | "later"
    slots: int
    expected: int
    running: bool
    customers: tuple[Customer, ...]
    turned_away: int  # at the door: they have no order number, and so no row

    @classmethod
    def of(
        cls,
        checkout: str,
        slots: int,
        expected: int,
        record: Sequence[Event],
        until: datetime,
        abandoned: bool = False,
    ) -> Run:
        """Read it from what was recorded between the beginning of its flood and the end, or until now."""
        stories = _stories(checkout, record)
        flood = next((event for event in record if isinstance(event, FloodEnded)), None)
        end = moment(flood) if flood else until
        began = min((_arrived(story, end) for story in stories), default=end)
        rows = tuple(_customer(number, story, began, end) for number, story in enumerate(stories, 1))
        unserved = sum(row.state != "answered" for row in rows)
        away = max(0, flood.refused - unserved) if flood else 0
        return cls(checkout, slots, expected, flood is None and not abandoned, rows, away)

    @property
    def answered(self) -> int:
        return sum(customer.state == "answered" for customer in self.customers)

    @property
    def sent_away(self) -> int:
        return self.turned_away + sum(customer.state in ("sent away", "failed") for customer in self.customers)

    @property
    def last_answer(self) -> float | None:
        """When the last of them had hers."""
        return max((each.end for each in self.customers if each.state == "answered"), default=None)

    @property
    def longest(self) -> float:
        return max((customer.waited for customer in self.customers), default=0.0)

    @property
    def median(self) -> float:
        return median([customer.waited for customer in self.customers] or [0.0])

    @property
    def taken_percent(self) -> int:
        """For what share of the time a slot was somebody's, from the first arrival to the end."""
        length = max((customer.end for customer in self.customers), default=0.0)
        held = sum(customer.served for customer in self.customers)
        return min(100, round(100 * held / (length * self.slots))) if length else 0

    @property
    def room_s(self) -> float:
        """The seconds for which the axis has room: a run that goes on has those that it will need by the story."""
        so_far = max((customer.end for customer in self.customers), default=0.0)
        held = HELD_S[self.checkout]
        planned = min(max(math.ceil(self.expected / self.slots) * held, 1 + held), IN_LINE_AT_MOST_S + held)
        return max(so_far, planned) if self.running else max(so_far, 1.0)


def _stories(checkout: str, record: Sequence[Event]) -> list[Story]:
    """What happened to each customer who came during the run, in the order of arrival."""
    found: dict[int, dict[type[Event], Event]] = {}
    for event in record:
        came = isinstance(event, RequestQueued | CheckoutStarted)
        known = came or isinstance(event, CustomerAnswered | RequestRefused)
        if event.order is not None and known and (came or event.order in found):
            found.setdefault(event.order, {})[type(event)] = event
    return [story for story in found.values() if _is_of(checkout, story.get(CheckoutStarted))]


def _is_of(checkout: str, started: Event | None) -> bool:
    """Whether it is this run's customer: a race may go on beside it."""
    return not isinstance(started, CheckoutStarted) or (started.checkout == checkout and started.race is None)


def _arrived(story: Story, until: datetime) -> datetime:
    """When her request came; an answered one has measured its wait."""
    answered = story.get(CustomerAnswered)
    if isinstance(answered, CustomerAnswered):
        return moment(answered) - timedelta(seconds=answered.waited_s)
    return min(moment(story.get(RequestQueued) or story[CheckoutStarted]), until)


def _customer(number: int, story: Story, began: datetime, until: datetime) -> Customer:
    arrived = _arrived(story, until)
    started, over = story.get(CheckoutStarted), story.get(CustomerAnswered) or story.get(RequestRefused)
    # Who did not wait got her slot as she came; the moment of its record is some milliseconds later.
    slot = (moment(started) if RequestQueued in story else arrived) if started else None
    return Customer(
        number=number,
        order=next(iter(story.values())).order,
        state=_state(story),
        arrived=_seconds(began, arrived),
        slot=_seconds(began, slot) if slot else None,
        end=_seconds(began, moment(over) if over else max(until, slot or until)),
    )


def _state(story: Story) -> str:
    answered = story.get(CustomerAnswered)
    if isinstance(answered, CustomerAnswered):
        return "answered" if answered.outcome == "success" else "failed"
    if RequestRefused in story:
        return "sent away"
    return "being served" if CheckoutStarted in story else "in line"


def _seconds(began: datetime, at: datetime) -> float:
    return round((at - began).total_seconds(), 3)
