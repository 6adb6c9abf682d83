"""Calm: no fault is left, and every setting is what it was at the beginning."""

from __future__ import annotations

from workers import events, fleet, floods, freezes, holds, sandboxes, visits
from workers.drills import conduct


def restore(sandbox: str) -> None:
    """End what goes on, disarm what waits, and bring the defaults back; the supervisor fits the workers to them."""
    conduct.end(sandbox, "calm")
    floods.stop(sandbox)
    visits.stop(sandbox)
    freezes.wish_thaw(sandbox)
    holds.end(sandbox)
    fleet.disarm(sandbox)
    # This heals the partner, too.
    sandboxes.change(sandbox, sandboxes.DEFAULTS)
    events.append(sandbox, events.CalmRestored())
