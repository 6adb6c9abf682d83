"""Three witnesses of a worker's life (its process, its heartbeat, the broker), and what it means if they disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workers.snapshot import WorkerView

# An idle worker says every 5 s that it lives, a busy one four times a lease, of which the longest has 60 s.
SILENT_AFTER_S = 20.0


@dataclass(frozen=True)
class Heard:
    """What each witness says of one worker, in a few words, and in one sentence what that means together."""

    process: str  # the supervisor's word: "alive" | "stopped" | "gone" | "nobody looks"
    heartbeat: str  # the worker's own: "0.4 s ago" | "12 s ago" | "none"
    broker: str  # "leased for 3.2 s" | "no lease"
    meaning: str
    agree: bool


def hear(worker: WorkerView, supervised: bool, now: datetime) -> Heard:
    """Question all three about one worker."""
    lease_s = _seconds_left(worker, now)
    meaning = _disagreement(worker, supervised, lease_s)
    return Heard(
        process=worker.process if supervised else "nobody looks",
        heartbeat="none" if worker.heartbeat_age_s is None else f"{_round(worker.heartbeat_age_s)} ago",
        broker=f"leased for {_round(lease_s)}" if lease_s > 0 else "no lease",
        meaning=meaning or _agreement(worker),
        agree=meaning is None,
    )


def _disagreement(worker: WorkerView, supervised: bool, lease_s: float) -> str | None:
    """What is odd about this worker; None if all three say the same."""
    if not supervised:
        return "Nobody watches the processes: the supervisor is away, and what it said last may be old."
    if worker.state == "frozen":
        return _frozen(worker, lease_s)
    if worker.state == "dead":
        return _dead(lease_s)
    if worker.heartbeat_age_s is None:
        return "The process lives and the broker has no record of it: it has only just started, or was forgotten."
    if worker.heartbeat_age_s > SILENT_AFTER_S:
        return (
            f"The process lives, but has said nothing for {_round(worker.heartbeat_age_s)}: it hangs, or was stopped."
        )
    return None


def _frozen(worker: WorkerView, lease_s: float) -> str:
    if worker.job is None:
        return "The process stands still and holds nothing: what comes goes to the others."
    if lease_s > 0:
        return (
            f"The process stands still, and the broker cannot know: it waits {_round(lease_s)} more "
            "until it gives the message to another."
        )
    return (
        "The process stands still and believes that it holds a message, but its lease is over: another may be at it, "
        "and when this one goes on the work is done twice."
    )


def _dead(lease_s: float) -> str | None:
    if lease_s <= 0:
        return None
    return (
        f"The process is gone, but its lease runs for {_round(lease_s)} more: "
        "only then is the message delivered to another."
    )


def _agreement(worker: WorkerView) -> str:
    return {
        "busy": "All three agree: it lives, and holds a message.",
        "dead": "All agree: it is gone, and holds nothing.",
    }.get(worker.state, "All three agree: it lives, and waits for a message.")


def _seconds_left(worker: WorkerView, now: datetime) -> float:
    """How long the broker holds the message back for this worker; a dead one's lease is what `back_at` tells."""
    until = worker.back_at if worker.state == "dead" else worker.lease_until
    return (until - now).total_seconds() if until else 0.0


def _round(seconds: float) -> str:
    return f"{seconds:.1f}\u00a0s" if seconds < 10 else f"{seconds:.0f}\u00a0s"
