"""Three witnesses of a worker's life (its process, its heartbeat, the broker), and what it means if they disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workers.snapshot import WorkerView

SILENT_AFTER_S = 10.0  # as in the alert WorkerSilent: a worker says every five seconds that it lives


@dataclass(frozen=True)
class Witness:
    """One witness's word; a clock beside it runs from `since` or down to `until` where one of them is set."""

    name: str  # "process" | "heartbeat" | "broker"
    says: str
    well: bool
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Heard:
    """What all three say of one worker, and in one sentence what that means together; it changes with the facts only.

    How old a fact is, is no part of it: a page that is polled would have to be sent again for each tenth of a second.
    """

    process: Witness  # the supervisor's word: "alive" | "stopped" | "gone" | "nobody looks"
    heartbeat: Witness  # the worker's own: "heard" | "silent" | "none"
    broker: Witness  # "leased" | "leased for" | "no lease" | "acknowledged"
    meaning: str
    agree: bool


def hear(worker: WorkerView, supervised: bool, now: datetime) -> Heard:
    """Question all three about one worker."""
    until = _lease_end(worker)
    leased = until is not None and until > now
    meaning = _disagreement(worker, supervised, leased)
    return Heard(
        process=_process(worker, supervised),
        heartbeat=_heartbeat(worker),
        broker=_broker(worker, leased),
        meaning=meaning or _agreement(worker),
        agree=meaning is None,
    )


def _process(worker: WorkerView, supervised: bool) -> Witness:
    if not supervised:
        return Witness("process", "nobody looks", False)
    return Witness("process", worker.process, worker.process == "alive")


def _heartbeat(worker: WorkerView) -> Witness:
    age_s = worker.heartbeat_age_s
    if age_s is None:
        return Witness("heartbeat", "none", False)
    if age_s <= SILENT_AFTER_S and worker.state != "frozen":
        return Witness("heartbeat", "heard", True)
    return Witness("heartbeat", "silent for", False, since=worker.heartbeat_at)


def _broker(worker: WorkerView, leased: bool) -> Witness:
    if worker.acknowledged:
        return Witness("broker", "acknowledged", True)
    if not leased:
        return Witness("broker", "no lease", worker.state != "busy")
    if worker.state == "busy" and worker.renews:  # all the time, so its end means nothing
        return Witness("broker", "leased", True)
    return Witness("broker", "leased for", False, until=_lease_end(worker))


def _disagreement(worker: WorkerView, supervised: bool, leased: bool) -> str | None:
    """What is odd about this worker; None if all three say the same."""
    if not supervised:
        return "Nobody watches the processes: the supervisor is away, and what it said last may be old."
    if worker.state == "frozen":
        return _frozen(worker, leased)
    if worker.state == "dead":
        return _dead(worker, leased)
    if worker.heartbeat_age_s is None:
        return "The process lives and the broker has no record of it: it has only just started, or was forgotten."
    if worker.heartbeat_age_s > SILENT_AFTER_S:
        return "The process lives, but has said nothing for a while: it hangs, or was stopped."
    return _busy(worker, leased) if worker.state == "busy" else None


def _busy(worker: WorkerView, leased: bool) -> str | None:
    if worker.acknowledged:
        return (
            "It lives and works, and the broker holds nothing of it: acknowledged before the work, "
            "so that nobody else would do what it leaves undone."
        )
    if not leased:
        return "It lives and works, but its lease is over: another may be at it, and then the work is done twice."
    if not worker.renews:
        return "It lives and works, and does not renew its lease: at its end the message is delivered to another."
    return None


def _frozen(worker: WorkerView, leased: bool) -> str:
    if worker.job is None:
        return "The process stands still and holds nothing: what comes goes to the others."
    if worker.acknowledged:
        return (
            "The process stands still, and the broker holds nothing of it: acknowledged before the work, "
            "so that its order waits for this process alone."
        )
    if leased:
        return (
            "The process stands still, and the broker cannot know: "
            "it waits for the end of the lease until it gives the message to another."
        )
    return (
        "The process stands still and believes that it holds a message, but its lease is over: another may be at it, "
        "and when this one goes on the work is done twice."
    )


def _dead(worker: WorkerView, leased: bool) -> str | None:
    if worker.acknowledged:
        return (
            "The process is gone, and the broker holds nothing of it: acknowledged before the work, "
            "so that nobody does what it left undone."
        )
    if not leased:
        return None
    return "The process is gone, but its lease still runs: only at its end is the message delivered to another."


def _agreement(worker: WorkerView) -> str:
    return {
        "busy": "All three agree: it lives, and holds a message.",
        "dead": "All agree: it is gone, and holds nothing.",
    }.get(worker.state, "All three agree: it lives, and waits for a message.")


def _lease_end(worker: WorkerView) -> datetime | None:
    """Until when the broker holds the message back for this worker; a dead one's lease is what `back_at` tells."""
    return worker.back_at if worker.state == "dead" else worker.lease_until
