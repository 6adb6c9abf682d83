"""The evidence of a run: what is in its record, and what its judges have, read once for all measures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from sqlalchemy import select

from workers import events as happened
from workers import judges, sampler
from workers.cache import Answer
from workers.database import read, utc_now
from workers.events import Event
from workers.judges import Verdict
from workers.snapshot import Snapshot
from workers.tables import orders, outbox, partner_calls

Kind = TypeVar("Kind", bound=Event)
PAGE = 5000


@dataclass(frozen=True)
class Call:
    """A call that reached the partner, and how it was answered."""

    order: int
    at: datetime
    status: int


@dataclass(frozen=True)
class Evidence:
    """A run so far; `since` and `until` bound the stretch that is measured, as far as a measure has a time."""

    sandbox: str
    speed: float
    record: tuple[Event, ...]
    since: datetime
    until: datetime
    marks: Mapping[str, datetime]
    asked: tuple[tuple[datetime, Answer], ...] = ()  # the lists that visitors were shown, and when each came for it

    def within(self, mark: str) -> Evidence:
        """The same between a mark and the next one."""
        began = self.marks[mark]
        until = min((at for at in self.marks.values() if at > began), default=self.until)
        return replace(self, since=began, until=until)

    @cached_property
    def told(self) -> tuple[Event, ...]:
        """The events of the stretch."""
        return tuple(event for event in self.record if event.at and self.since <= event.at <= self.until)

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(event.type for event in self.told)

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [event for event in self.told if isinstance(event, kind)]

    @property
    def shown(self) -> list[Answer]:
        """The lists that were shown to those who came in the stretch."""
        return [answer for came, answer in self.asked if self.since <= came <= self.until]

    @property
    def lasted_s(self) -> float:
        """Of the story."""
        return (self.until - self.since).total_seconds() * self.speed

    def story_s(self, later: datetime | None, earlier: datetime | None) -> float:
        """From one moment to another, in seconds of the story."""
        return ((later or self.until) - (earlier or self.since)).total_seconds() * self.speed

    @cached_property
    def snapshot(self) -> Snapshot:
        """The sandbox as it is now, its ledger among it."""
        return sampler.take([self.sandbox])[self.sandbox]

    @cached_property
    def recorded(self) -> tuple[int, ...]:
        """The numbers of the orders that have a row."""
        mine = select(orders.c.number).where(orders.c.sandbox == self.sandbox).order_by(orders.c.number)
        with read() as db:
            return tuple(db.execute(mine).scalars())

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What has arrived of every order that has a row, or a message."""
        known = {event.order for event in self.record if event.order and event.type in _OF_AN_ORDER}
        return judges.of_orders(self.sandbox, sorted({*known, *self.recorded}))

    @cached_property
    def payloads(self) -> tuple[int, ...]:
        """The size of each message that was sent, in bytes."""
        mine = select(outbox.c.payload).where(outbox.c.sandbox == self.sandbox)
        with read() as db:
            return tuple(len(json.dumps(payload)) for payload in db.execute(mine).scalars())

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        mine = (partner_calls.c.sandbox == self.sandbox, partner_calls.c.at.between(self.since, self.until))
        with read() as db:
            rows = db.execute(select(partner_calls).where(*mine).order_by(partner_calls.c.at))
            return tuple(Call(row.order, row.at, row.status) for row in rows)


Measure = Callable[[Evidence], float | None]
Measures = dict[str, tuple[str, Measure]]  # by name: what it is in words, and how it is found
_OF_AN_ORDER = {
    kind.__name__
    for kind in (happened.OrderPlaced, happened.MessageEnqueued, happened.MessageTaken, happened.CustomerAnswered)
}


def gather(
    sandbox: str,
    speed: float,
    began: datetime,
    marks: Mapping[str, datetime],
    asked: Sequence[tuple[datetime, Answer]],
    known: list[Event],
) -> Evidence:
    """Everything so far; `known` is what an earlier look has read of the record, and what is new is added to it."""
    _read_on(sandbox, known)
    return Evidence(sandbox, speed, tuple(known), began, utc_now(), dict(marks), tuple(asked))


def _read_on(sandbox: str, known: list[Event]) -> None:
    """In pieces: a flood has many events, and whoever waits for one looks again and again."""
    while True:
        page = happened.after(known[-1].sequence if known else 0, sandbox, PAGE)
        known += page
        if len(page) < PAGE:
            return
