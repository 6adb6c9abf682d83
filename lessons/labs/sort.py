"""The lab of lesson 2: the reader sorts the nine steps, and runs the checkout that she designed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lessons import requests, slots
from lessons.labs import designs
from lessons.labs.consequences import NUMBERS, seconds
from lessons.labs.designed import SPEED, Run
from lessons.labs.evidence import Evidence
from workers import placing, sandboxes
from workers.attempts import Step
from workers.checkout import STEPS
from workers.database import utc_now
from workers.errors import CardDeclined, OverLimit
from workers.events import CustomerAnswered, Event, StepFailed, StepFinished
from workers.shop.orders import Order

TEMPLATE = "labs/_sort.html"
When = Literal["now", "later"]


class RunForm(requests.Form):
    """When each of the nine steps is done, and the card that the customer pays with."""

    payment: When = "now"
    order: When = "now"
    email: When = "now"
    pdf: When = "now"
    inventory: When = "now"
    analytics: When = "now"
    webhook: When = "now"
    audit: When = "now"
    loyalty: When = "now"
    card: Literal["good", "declined"] = "good"

    @property
    def later(self) -> tuple[str, ...]:
        return tuple(step.name for step in STEPS if getattr(self, step.name) == "later")


@dataclass(frozen=True)
class Bench:
    """What the lab's template is given: the nine steps, and the last three runs, the newest first."""

    runs: tuple[Run, ...] = ()
    steps: tuple[Step, ...] = STEPS
    speed: int = SPEED

    @property
    def run(self) -> Run | None:
        return self.runs[0] if self.runs else None

    @property
    def running(self) -> bool:
        return self.run is not None and not self.run.over

    @property
    def version(self) -> str:
        """Changes whenever there is something else to be seen; a bar that grows is something else at each look."""
        seen = [f"{run.design.key}{run.record[-1].sequence}{run.over:d}" for run in self.runs]
        return "-".join(seen) + (f"-{self.runs[0].now.timestamp():.1f}" if self.running else "")


def run(sandbox: str, wanted: RunForm) -> None:
    """Place one order as designed; it takes as long as its customer waits.

    Raises OverLimit, HouseFull and StepUnavailable; a declined card is an answer.
    """
    sandboxes.change(
        sandbox, {"speed": SPEED, "request_slots": sandboxes.REQUEST_SLOTS, "acknowledge": "late"}, by="lab"
    )
    design = designs.begin(sandbox, wanted.later, wanted.card)
    order = Order(sandbox, 0, checkout="later", card=wanted.card, later=wanted.later)
    try:
        with slots.place(sandbox, "later"):
            designs.placed(sandbox, design, placing.place(order).order.number)
    except CardDeclined:
        designs.declined(sandbox, design)
    except OverLimit:
        designs.forget(sandbox, design)
        raise


def look(sandbox: str | None) -> Bench:
    """The bench as it is now; without a sandbox nothing was run."""
    if sandbox is None:
        return Bench()
    now = utc_now()
    found = [(design, designs.record_of(sandbox, design)) for design in designs.kept(sandbox)]
    return Bench(tuple(Run(design, record, now) for design, record in found if record))


def observe(sandbox: str, choice: str) -> Evidence | None:
    """When she was answered, as the record of the last run has it; None before there is one."""
    newest = look(sandbox).run
    return held_against(newest.record, choice) if newest and newest.over else None


def held_against(record: Sequence[Event], choice: str) -> Evidence:
    """The reader's choice beside the record: success came "before" all steps, "between" two of them, or "after" all."""
    told = next((event.sequence for event in record if isinstance(event, CustomerAnswered)), 0)
    ended = [event for event in record if isinstance(event, StepFinished | StepFailed)]
    before = sum(event.sequence < told for event in ended)
    after = len(ended) - before
    holds = "after" if not after else "between" if before else "before"
    waited = next((event.waited_s for event in record if isinstance(event, CustomerAnswered)), 0.0) * SPEED
    counted = f"{_steps(before)} ended before she was answered at {seconds(waited)}, and {_steps(after)} after it."
    return Evidence(choice == holds, f"In the record, {counted} {WHY[holds]}")


WHY = {
    "before": "Her answer was a guess: no step had said yet how it went.",
    "between": "The line between now and later is drawn where you drew it.",
    "after": "Whatever ended last, she waited for it.",
}


def _steps(count: int) -> str:
    return f"{NUMBERS[count] if count < len(NUMBERS) else count} step{'' if count == 1 else 's'}"
