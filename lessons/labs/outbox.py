"""The second lab of lesson 4: customers come, and in the middle of it the queue forgets everything."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

from lessons import access, axis, requests
from lessons.axis import Axis
from lessons.labs.evidence import Evidence
from lessons.labs.record import flood_ended, from_flood
from lessons.lanes import moment
from workers import commitments, events, fleet, floods, holds, judges, limits, sandboxes, wipes
from workers.database import utc_now
from workers.errors import OverLimit
from workers.events import BrokerWiped, Event, MessageAcknowledged, OrderPlaced

TEMPLATE = "labs/_outbox.html"
LAB, NEWEST, KEPT = "outbox-runs", "newest", 3
PER_SECOND, SECONDS, SPEED, WORKERS, TIME_OUT_S = 10, 2, 10, 4, 2
ORDERS = PER_SECOND * SECONDS
WIPED_AFTER = ORDERS // 2
# All of it is over in ten seconds on an idle machine; whoever is calmed meanwhile is not waited for.
AT_MOST = timedelta(seconds=60)
COME_WITHIN_S = 6.0


class RunForm(requests.Form):
    """Whether the queue forgets everything when half of the customers have come."""

    wipe: Literal["no", "yes"] = "yes"


@dataclass(frozen=True)
class Run:
    """Twenty orders and what became of them; moments are seconds since the first of them."""

    wipe: str
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


@dataclass(frozen=True)
class Bench:
    """What the lab's template is given: the last run of each kind, the newest first."""

    runs: tuple[Run, ...] = ()
    seen: str = ""
    orders: int = ORDERS
    speed: int = SPEED
    workers: int = WORKERS

    @property
    def run(self) -> Run | None:
        return self.runs[0] if self.runs else None

    @property
    def running(self) -> bool:
        return any(not run.over for run in self.runs)

    @property
    def version(self) -> str:
        return self.seen


def run(sandbox: str, wanted: RunForm) -> None:
    """Let the customers come, and wipe when half of them have. Raises OverLimit while a run or a flood goes on."""
    limits.check_chaos(sandbox)
    if look(sandbox).running:
        raise OverLimit("runs at a time", 1, f"wait until all {ORDERS} orders of the one that runs are complete")
    holds.end(sandbox)
    fleet.disarm(sandbox)
    after = events.newest([sandbox]).get(sandbox, 0)
    scene = {"speed": SPEED, "workers": WORKERS, "visibility_timeout_s": TIME_OUT_S, "acknowledge": "late"}
    scene |= {"lease_renewal": True, "idempotency": "receiver", "idempotency_key": "order"}
    sandboxes.change(sandbox, scene | {"request_slots": sandboxes.REQUEST_SLOTS}, by="lab")
    floods.start(sandbox, PER_SECOND, SECONDS, access.token_for(sandbox))
    commitments.commit(sandbox, LAB, wanted.wipe, str(after))
    if wanted.wipe == "yes":
        _wait_for_customers(sandbox, after)
        wipes.wipe(sandbox)


def _wait_for_customers(sandbox: str, after: int) -> None:
    """Until half of them have placed their order, and the queue is full of their messages."""
    end = time.monotonic() + COME_WITHIN_S
    while time.monotonic() < end:
        placed = [event for event in events.after(after, sandbox) if isinstance(event, OrderPlaced)]
        if len(placed) >= WIPED_AFTER:
            return
        time.sleep(0.03)


def look(sandbox: str | None) -> Bench:
    """The bench as it is now; without a sandbox nothing was run."""
    kept = commitments.of_lab(sandbox, LAB) if sandbox else {}
    if sandbox is None or not kept:
        return Bench()
    now = utc_now()
    newest_first = sorted(kept.items(), key=lambda item: -int(item[1]))
    runs = tuple(_run(sandbox, wipe, int(after), now) for wipe, after in newest_first)
    growing = any(not run.over for run in runs)
    seen = "-".join(f"{run.wipe}.{len(run.placed)}.{len(run.completed)}.{run.over:d}" for run in runs)
    marks = "-".join(after for _, after in newest_first)
    return Bench(runs, f"{marks}-{seen}" + (f"-{now.timestamp():.1f}" if growing else ""))


def _run(sandbox: str, wipe: str, after: int, now: datetime) -> Run:
    record = list(from_flood(sandbox, after, AT_MOST))
    run = read(wipe, record, now)
    if not run.over:
        return run
    orders = [event.order for event in record if isinstance(event, OrderPlaced) and event.order]
    lost = sum(bool(verdict.missing) for verdict in judges.of_orders(sandbox, orders))
    return Run(**{**run.__dict__, "lost": lost})


def read(wipe: str, record: list[Event], now: datetime) -> Run:
    """One run, from the events since its flood began."""
    began = next((moment(event) for event in record if isinstance(event, OrderPlaced)), now)

    def seconds(at: datetime) -> float:
        return round((at - began).total_seconds(), 3)

    placed = {event.order: seconds(moment(event)) for event in record if isinstance(event, OrderPlaced)}
    done = {e.order: seconds(moment(e)) for e in record if isinstance(e, MessageAcknowledged) and e.order in placed}
    wiped = next((event for event in record if isinstance(event, BrokerWiped)), None)
    given_up = now > began + AT_MOST
    over = given_up or (flood_ended(record) is not None and len(done) == len(placed))
    return Run(
        wipe=wipe,
        placed=tuple(sorted(placed.values())),
        completed=tuple(sorted(done.values())),
        wiped_at=seconds(moment(wiped)) if wiped else None,
        forgotten=wiped.messages if wiped else 0,
        lost=0,
        over=over,
        until=max(done.values(), default=0.0) if over and not given_up else seconds(now),
    )


def observe(sandbox: str, choice: str) -> Evidence | None:
    """How many orders of the wiped run are incomplete; None before there is such a run."""
    wiped = next((run for run in look(sandbox).runs if run.wipe == "yes" and run.over and run.placed), None)
    return held_against(wiped, choice) if wiped else None


def held_against(run: Run, choice: str) -> Evidence:
    """The reader's choice beside the record: "none", "some" or "all" of the forgotten are lost."""
    holds_true = "none" if not run.lost else "all" if run.lost >= run.forgotten else "some"
    return Evidence(
        choice == holds_true,
        f"The queue forgot {run.forgotten} messages {run.wiped_at or 0:.1f}\u00a0s after the first order. Of "
        f"{len(run.placed)} orders {len(run.placed) - run.lost} are complete, the last after {run.until:.1f}\u00a0s.",
    )
