"""The lab of lesson 1: customers come to a server with few request slots, and stand in line for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from lessons import access, axis, requests
from lessons.axis import Axis
from lessons.labs.crowd import HELD_S, SPEED, Run
from lessons.labs.evidence import Evidence
from lessons.labs.record import from_flood
from lessons.labs.scene import PLAIN
from lessons.lanes import moment
from workers import commitments, events, floods, limits, sandboxes
from workers.database import utc_now
from workers.errors import OverLimit
from workers.events import Event, FloodEnded
from workers.request_slots import IN_LINE_AT_MOST_S

TEMPLATE = "labs/_slots.html"
LAB = "slots-runs"
CUSTOMERS = (4, 8, 12)
SLOTS = (1, 2, 4, 8)
# A run that has not ended by then never will: its customers gave up after a minute.
AT_MOST = timedelta(seconds=100)
MOST_KEPT = 500
_over: dict[tuple[str, str, tuple[int, ...]], Run] = {}


def _so_many_customers(customers: int) -> int:
    if customers not in CUSTOMERS:
        raise ValueError("not one of the choices")
    return customers


def _so_many_slots(slots: int) -> int:
    if slots not in SLOTS:
        raise ValueError("not one of the choices")
    return slots


class RunForm(requests.Form):
    """How many customers come within one second, to how many slots, and what is done in their requests."""

    customers: Annotated[int, AfterValidator(_so_many_customers), Field(json_schema_extra={"enum": [*CUSTOMERS]})] = 12
    slots: Annotated[int, AfterValidator(_so_many_slots), Field(json_schema_extra={"enum": [*SLOTS]})] = 2
    checkout: Literal["now", "later"] = "now"


@dataclass(frozen=True)
class Bench:
    """What the lab's template is given: the last run of each kind, and which of the two was the last."""

    now: Run | None = None
    later: Run | None = None
    newest: Run | None = None
    version: str = ""  # another one whenever there is something else to be seen
    speed: int = SPEED
    held_s: Mapping[str, float] = field(default_factory=lambda: HELD_S)
    patience_s: int = IN_LINE_AT_MOST_S

    @property
    def runs(self) -> tuple[Run, ...]:
        return tuple(run for run in (self.now, self.later) if run)

    @property
    def running(self) -> bool:
        return any(run.running for run in self.runs)

    @property
    def axis(self) -> Axis:
        """The one axis on which both runs are drawn."""
        return axis.fit(0, max((run.room_s for run in self.runs), default=1.0))

    @property
    def compared(self) -> bool:
        """Both runs are over, and somebody was answered in each."""
        return not self.running and all(run and run.last_answer is not None for run in (self.now, self.later))


def run(sandbox: str, wanted: RunForm) -> None:
    """Set the slots and let the customers come. Raises OverLimit while a flood runs; the settings stay as they were."""
    limits.check_chaos(sandbox)
    after, before = events.newest([sandbox]).get(sandbox, 0), sandboxes.settings_of(sandbox)
    wished = PLAIN | {"request_slots": wanted.slots, "speed": SPEED}
    sandboxes.change(sandbox, wished, by="lab")
    try:
        floods.start(sandbox, wanted.customers, 1, access.token_for(sandbox), wanted.checkout)
    except OverLimit:
        sandboxes.change(sandbox, {name: before[name] for name in wished}, by="lab")
        raise
    commitments.commit(sandbox, LAB, wanted.checkout, f"{after}.{wanted.customers}.{wanted.slots}")


def look(sandbox: str | None) -> Bench:
    """The bench as it is now; without a sandbox nothing was run."""
    kept = commitments.of_lab(sandbox, LAB) if sandbox else {}
    if sandbox is None or not kept:
        return Bench()
    marks = {checkout: tuple(map(int, text.split("."))) for checkout, text in kept.items()}
    now = utc_now()
    runs = {checkout: _read(sandbox, checkout, mark, now) for checkout, mark in marks.items()}
    newest = max(marks, key=lambda checkout: marks[checkout])
    going_on = any(run.running for run in runs.values())
    version = "-".join(sorted(kept.values())) + (f"-{now.timestamp():.1f}" if going_on else "")
    return Bench(runs.get("now"), runs.get("later"), runs[newest], version)


def observe(sandbox: str, choice: str) -> Evidence | None:
    """Who had been answered when the last customer with two steps was; None before there are both runs."""
    bench = look(sandbox)
    return held_against(bench.now, bench.later, choice) if bench.compared and bench.now and bench.later else None


def held_against(now: Run, later: Run, choice: str) -> Evidence:
    """The reader's choice beside the two runs: of the slow one's customers "none", "some" or "all" had an answer."""
    end = later.last_answer or 0.0
    answered = sum(customer.state == "answered" and customer.end <= end for customer in now.customers)
    holds = "none" if not answered else "all" if answered == len(now.customers) else "some"
    return Evidence(
        choice == holds,
        f"With two steps and {slots_text(later.slots)}, the last customer had her answer {end:.1f}\u00a0s after "
        f"the first one came. By then {answered or 'none'} of the {len(now.customers)} with everything in the request "
        f"and {slots_text(now.slots)} had theirs. The longest wait was {later.longest:.1f}\u00a0s in the one run "
        f"and {now.longest:.1f}\u00a0s in the other.",
    )


def slots_text(slots: int) -> str:
    return "1 slot" if slots == 1 else f"{slots} slots"


def _read(sandbox: str, checkout: str, mark: tuple[int, ...], now: datetime) -> Run:
    """A run by its mark; one that is over never changes, so that a poll need not read its record again."""
    if kept := _over.get((sandbox, checkout, mark)):
        return kept
    after, customers, slots = mark
    record = list(_during_flood(sandbox, after))
    abandoned = not record or now > moment(record[0]) + AT_MOST
    run = Run.of(checkout, slots, customers, record, now, abandoned)
    if not run.running:
        if len(_over) >= MOST_KEPT:
            _over.clear()
        _over[sandbox, checkout, mark] = run
    return run


def _during_flood(sandbox: str, after: int) -> Iterator[Event]:
    """From the beginning of the flood to its end, or as far as the record goes."""
    for event in from_flood(sandbox, after, AT_MOST):
        yield event
        if isinstance(event, FloodEnded):
            return
