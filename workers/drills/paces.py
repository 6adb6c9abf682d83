"""How each step of the work went in the last half minute: how often it ended or failed, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from workers import events
from workers.checkout import LATER
from workers.database import utc_now

LOOKS_BACK = timedelta(seconds=30)


@dataclass(frozen=True)
class Pace:
    """One step, as workers did it; `seconds` is the median of those that ended, None if none did."""

    step: str
    label: str
    finished: int
    failed: int
    seconds: float | None


def of_workers(sandbox: str) -> tuple[Pace, ...]:
    """Every step that a worker does, in the order of the work."""
    now = utc_now()
    found = events.between(sandbox, now - LOOKS_BACK, now, ("StepFinished", "StepFailed"))
    mine = [event for event in found if event.worker]
    return tuple(_pace(step.name, step.label, [event for event in mine if event.step == step.name]) for step in LATER)


def _pace(name: str, label: str, happened: list[events.Event]) -> Pace:
    took = [event.seconds for event in happened if isinstance(event, events.StepFinished)]
    return Pace(name, label, len(took), len(happened) - len(took), round(median(took), 1) if took else None)
