"""Twenty orders of the outbox lab: how many were placed, completed and lost, and when the queue forgot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from lessons import axis
from lessons.axis import Axis
from lessons.labs.record import flood_ended
from lessons.lanes import moment
from workers.events import BrokerWiped, Event, MessageAcknowledged, MessageLost, OrderPlaced

PER_SECOND, SECONDS = 10, 2
ORDERS = PER_SECOND * SECONDS
# All of it is over in ten seconds on an idle machine; whoever is calmed meanwhile is not waited for.
AT_MOST = timedelta(seconds=60)


@dataclass(frozen=True)
class Rush:
    """What became of the orders; moments are seconds since the first of them."""

    handover: str
    scene: str
    placed: tuple[float, ...]
    completed: tuple[float, ...]
    wiped_at: float | None
    forgotten: int
    lost: int
    over: bool
    until: float

    @cached_property
    def axis(self) -> Axis:
        return axis.fit(0, max(1.0, self.until))

    @property
    def height(self) -> Axis:
        return axis.fit(0, ORDERS)

    def path(self, moments: tuple[float, ...]) -> str:
        """A line that goes up by one at each moment, in a box of 100 by 100."""
        points, count = [(0.0, 0)], 0
        for at in moments:
            points += [(at, count), (at, count + 1)]
            count += 1
        points.append((self.until, count))
        return " ".join(f"{self.axis.share(at)},{100 - self.height.share(number)}" for at, number in points)


def read(handover: str, scene: str, record: list[Event], now: datetime) -> Rush:
    """One run, from the events since its flood began."""
    began = next((moment(event) for event in record if isinstance(event, OrderPlaced)), now)

    def seconds(at: datetime) -> float:
        return round((at - began).total_seconds(), 3)

    placed = {event.order: seconds(moment(event)) for event in record if isinstance(event, OrderPlaced)}
    done = {e.order: seconds(moment(e)) for e in record if isinstance(e, MessageAcknowledged) and e.order in placed}
    lost = {e.order: seconds(moment(e)) for e in record if isinstance(e, MessageLost) and e.order in placed}
    lost = {order: at for order, at in lost.items() if order not in done}
    wiped = next((event for event in record if isinstance(event, BrokerWiped)), None)
    given_up = now > began + AT_MOST
    over = given_up or (flood_ended(record) is not None and len(done) + len(lost) == len(placed))
    return Rush(
        handover=handover,
        scene=scene,
        placed=tuple(sorted(placed.values())),
        completed=tuple(sorted(done.values())),
        wiped_at=seconds(moment(wiped)) if wiped else None,
        forgotten=wiped.messages if wiped else 0,
        lost=len(lost),
        over=over,
        until=max([*done.values(), *lost.values()], default=0.0) if over and not given_up else seconds(now),
    )
