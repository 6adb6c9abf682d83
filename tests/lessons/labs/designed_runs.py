"""Runs of designed checkouts as the record would hold them, at the speed of the lab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from lessons.labs.designed import SPEED
from lessons.labs.designed import Run as Designed
from lessons.labs.designs import Design
from tests.lessons.recorded import Run, at
from workers import events
from workers.attempts import Step
from workers.checkout import LATER, ORDER, PAYMENT, STEPS

SEVEN = tuple(step.name for step in LATER)
QUICK = tuple(replace(step, seconds=step.seconds / SPEED) for step in STEPS)
PICKED_UP_S = 0.01  # by the clock; 0.04 s of the story


def later_than(*now: Step) -> tuple[str, ...]:
    """The names of the steps that wait when only these are done now."""
    return tuple(step.name for step in STEPS if step not in now)


def ran(later: Sequence[str], card: str = "good", until: float = 60, order: int = 1003) -> Designed:
    """What the lab knows of this design `until` seconds (of the clock) after its customer pressed the button."""
    run = Run(order, "later").begins()
    if _does(run, [step for step in QUICK if step.name not in later], card):
        if later:
            run.queues()
        run.answers()
        if later:
            run.is_taken_by("w1", after=PICKED_UP_S)
            _does(run, [step for step in QUICK if step.name in later], card)
            run.is_acknowledged()
    else:
        run.answers("declined")
    return seen(run, Design(tuple(later), card, order=order, key="k"), until)


def seen(run: Run, design: Design, until: float = 60) -> Designed:
    """The lab's view of a run, `until` seconds after the press of the button."""
    kept = [event for event in run.happened if event.at and event.at <= at(until)]
    return Designed(design, tuple(replace(e, sequence=i) for i, e in enumerate(kept, 1)), at(0) + timedelta(0, until))


def _does(run: Run, steps: Sequence[Step], card: str) -> bool:
    """Do them one after the other; a declined card ends the request, and does not end a worker's work."""
    for step in steps:
        if step.name == PAYMENT.name and card == "declined":
            run.starts(step)
            run.clock += step.seconds
            where = "worker" if run.worker else "request"
            run.note(events.StepFailed(worker=run.worker, step="payment", where=where, error="The card was declined."))
            if not run.worker:
                return False
            continue
        run.does(step)
        if step.name == ORDER.name:
            run.note(events.OrderPlaced(checkout="later"))
    return True
