"""The second lab of lesson 4: two writes in two systems, a death between them, and a queue that forgets everything."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from lessons import access, code, requests, slots
from lessons.labs import handed, rushes
from lessons.labs.evidence import Evidence
from lessons.labs.handed import Handed
from lessons.labs.record import from_flood
from lessons.labs.rushes import ORDERS, PER_SECOND, SECONDS, Rush
from lessons.labs.scene import PLAIN
from lessons.labs.teller import PROCESSES
from workers import commitments, events, fleet, floods, freezes, holds, judges, limits, placing, sandboxes, wipes
from workers.checkout import HANDOVERS
from workers.database import utc_now
from workers.errors import CheckoutDied, OverLimit
from workers.events import CheckoutStarted, OrderPlaced
from workers.shop.orders import Order

TEMPLATE = "labs/_outbox.html"
LAB = "outbox-runs"
SPEED, WORKERS, TIME_OUT_S = 10, 4, 2
WIPED_AFTER = ORDERS // 2
COME_WITHIN_S = 6.0
NAMES = {
    "commit_then_enqueue": "commit, then enqueue",
    "enqueue_then_commit": "enqueue, then commit",
    "outbox": "outbox",
}
SCENES = {
    "order": "One order, and nothing goes wrong",
    "killed": "One order, and its checkout process is killed between the two",
    "rush": f"{ORDERS} orders, and nothing goes wrong",
    "wiped": f"{ORDERS} orders, and the queue forgets everything when half of them are placed",
}
AnyRun = Handed | Rush


class RunForm(requests.Form):
    """How an order and its message are written, and what goes wrong meanwhile."""

    handover: Literal["commit_then_enqueue", "enqueue_then_commit", "outbox"] = "commit_then_enqueue"
    scene: Literal["order", "killed", "rush", "wiped"] = "killed"


@dataclass(frozen=True)
class Bench:
    """What the lab's template is given: the last run of each kind, the newest first."""

    runs: tuple[AnyRun, ...] = ()
    seen: str = ""
    orders: int = ORDERS
    speed: int = SPEED
    workers: int = WORKERS
    names: Mapping[str, str] = field(default_factory=lambda: NAMES)
    scenes: Mapping[str, str] = field(default_factory=lambda: SCENES)

    @property
    def run(self) -> AnyRun | None:
        return self.runs[0] if self.runs else None

    @property
    def rush(self) -> bool:
        """The newest run was one of many orders."""
        return isinstance(self.run, Rush)

    @property
    def told(self) -> tuple[str, ...]:
        return tuple(handed.told(self.run)) if isinstance(self.run, Handed) else ()

    @property
    def running(self) -> bool:
        return any(not run.over for run in self.runs)

    @property
    def version(self) -> str:
        return self.seen

    @property
    def samples(self) -> dict[str, code.CodeSample]:
        return {name: code.sample(f"workers.checkout:{HANDOVERS[name].__name__}") for name in NAMES}


def run(sandbox: str, wanted: RunForm) -> None:
    """Set the scene and let it happen. Raises OverLimit while a run or a flood goes on, HouseFull, StepUnavailable."""
    limits.check_chaos(sandbox)
    if look(sandbox).running:
        raise OverLimit("runs at a time", 1, "wait until the one that runs is over")
    holds.end(sandbox)
    fleet.disarm(sandbox)
    freezes.wish_thaw(sandbox)
    after = events.newest([sandbox]).get(sandbox, 0)
    sandboxes.change(sandbox, _scene(wanted), by="lab")
    if wanted.scene in ("order", "killed"):
        _one_order(sandbox, killed=wanted.scene == "killed")
    else:
        floods.start(sandbox, PER_SECOND, SECONDS, access.token_for(sandbox))
    commitments.commit(sandbox, LAB, _kind(wanted.handover, wanted.scene), str(after))
    if wanted.scene == "wiped":
        _wait_for_customers(sandbox, after)
        wipes.wipe(sandbox)


def _scene(wanted: RunForm) -> dict[str, Any]:
    fixed: dict[str, Any] = {"speed": SPEED, "workers": WORKERS, "visibility_timeout_s": TIME_OUT_S}
    fixed |= {"idempotency": "receiver", "partner": "up"}
    # A message about nothing is put aside at its second try; in a rush a worker may only have been too quick.
    tries = {"attempts": 2, "backoff": "none"} if wanted.scene == "killed" else {"attempts": 3, "backoff": "fixed"}
    return {**PLAIN, **fixed, **tries, "handover": wanted.handover}


def _one_order(sandbox: str, killed: bool) -> None:
    if killed:
        fleet.wish_crash(sandbox, fleet.CHECKOUT, fleet.BETWEEN)
    try:
        with slots.place(sandbox, "later"), suppress(CheckoutDied):
            placing.place(Order(sandbox, 0, checkout="later"))
    finally:
        fleet.disarm(sandbox)


def _wait_for_customers(sandbox: str, after: int) -> None:
    """Until half of them have placed their order, and the queue is full of their messages."""
    end = time.monotonic() + COME_WITHIN_S
    while time.monotonic() < end:
        placed = [event for event in events.after(after, sandbox) if isinstance(event, OrderPlaced)]
        if len(placed) >= WIPED_AFTER:
            return
        time.sleep(0.03)


def _kind(handover: str, scene: str) -> str:
    return f"{list(NAMES).index(handover)}.{scene}"


def look(sandbox: str | None) -> Bench:
    """The bench as it is now; without a sandbox nothing was run."""
    kept = commitments.of_lab(sandbox, LAB) if sandbox else {}
    if sandbox is None or not kept:
        return Bench()
    now = utc_now()
    newest_first = sorted(kept.items(), key=lambda item: -int(item[1]))
    found = (_read(sandbox, kind, int(after), now) for kind, after in newest_first)
    runs = tuple(run for run in found if run)
    growing = any(not run.over for run in runs)
    seen = "-".join(f"{after}.{kind}" for kind, after in newest_first)
    return Bench(runs, f"{seen}-{growing:d}" + (f"-{now.timestamp():.1f}" if growing else ""))


def _read(sandbox: str, kind: str, after: int, now: datetime) -> AnyRun | None:
    number, scene = kind.split(".")
    handover = list(NAMES)[int(number)]
    if scene in ("rush", "wiped"):
        return rushes.read(handover, scene, list(from_flood(sandbox, after, rushes.AT_MOST)), now)
    started = (event for event in events.after(after, sandbox) if isinstance(event, CheckoutStarted))
    order = next((event.order for event in started if event.checkout == "later" and event.race is None), None)
    if order is None:
        return None
    record = tuple(events.of_orders(sandbox, [order]))
    [verdict] = judges.of_orders(sandbox, [order])
    return Handed(handover, scene, record, tuple(events.of_types(sandbox, PROCESSES)), verdict, now)


def observe(sandbox: str, choice: str) -> Evidence | None:
    """How many orders a wipe cost with the outbox; None before there is such a run."""
    wiped = (run for run in look(sandbox).runs if isinstance(run, Rush) and run.scene == "wiped")
    found = next((run for run in wiped if run.handover == "outbox" and run.over and run.placed), None)
    return held_against(found, choice) if found else None


def held_against(run: Rush, choice: str) -> Evidence:
    """The reader's choice beside the record: "none", "some" or "all" of the forgotten are lost."""
    holds_true = "none" if not run.lost else "all" if run.lost >= run.forgotten else "some"
    return Evidence(
        choice == holds_true,
        f"The queue forgot {run.forgotten} messages {run.wiped_at or 0:.1f}\u00a0s after the first order. Of "
        f"{len(run.placed)} orders {len(run.completed)} are complete, the last after {run.until:.1f}\u00a0s.",
    )
