"""What can happen, one class a fact, named in the past tense."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar

COLUMNS = ("order", "message", "worker", "step", "attempt")


@dataclass(frozen=True, kw_only=True)
class Event:
    """One fact of one sandbox; `sequence` and `at` are filled in by the log when it is read back."""

    kinds: ClassVar[dict[str, type[Event]]] = {}

    order: int | None = None
    message: str | None = None
    worker: str | None = None
    step: str | None = None
    attempt: int | None = None
    sequence: int = 0
    at: datetime | None = None

    def __init_subclass__(cls) -> None:
        Event.kinds[cls.__name__] = cls

    @property
    def type(self) -> str:
        return type(self).__name__

    @property
    def details(self) -> dict[str, Any]:
        """The fields that only this kind of event has."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _COMMON}

    def as_json(self) -> dict[str, Any]:
        """The event as the contract shows it; `at` is ISO 8601 in UTC with milliseconds."""
        at = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if self.at else None
        common = {name: getattr(self, name) for name in COLUMNS}
        return {"sequence": self.sequence, "at": at, "type": self.type, **common, **self.details}


_COMMON = frozenset(f.name for f in fields(Event))


@dataclass(frozen=True, kw_only=True)
class RequestQueued(Event):
    """A customer's request has arrived and waits for a free request slot."""


@dataclass(frozen=True, kw_only=True)
class CheckoutStarted(Event):
    """A customer's checkout begins: at once, or when her request has its slot."""

    checkout: str  # "now" | "later"
    race: str | None = None


@dataclass(frozen=True, kw_only=True)
class CustomerAnswered(Event):
    """The customer's wait ended, after `waited_s` seconds, with success, a declined card or a failure."""

    checkout: str
    outcome: str  # "success" | "declined" | "failed"
    waited_s: float


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event):
    """The order row is committed (with its message, when the rest is done later)."""

    checkout: str


@dataclass(frozen=True, kw_only=True)
class StepStarted(Event):
    where: str  # "request" | "worker"


@dataclass(frozen=True, kw_only=True)
class StepFinished(Event):
    where: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class StepFailed(Event):
    where: str
    error: str


@dataclass(frozen=True, kw_only=True)
class DuplicateSuppressed(Event):
    """A receiver recognised the idempotency key and did not repeat the effect."""

    key: str


@dataclass(frozen=True, kw_only=True)
class MessageEnqueued(Event):
    queue: str


@dataclass(frozen=True, kw_only=True)
class MessageTaken(Event):
    """A worker holds the message under a lease of `lease_s` seconds, which it keeps renewing."""

    lease_s: int


@dataclass(frozen=True, kw_only=True)
class MessageAcknowledged(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class MessageRedelivered(Event):
    """The message is back at the head of its queue; `reason` is "lease expired", "never started" or "orphaned"."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class RequestRefused(Event):
    reason: str


@dataclass(frozen=True, kw_only=True)
class WorkerStarted(Event):
    pid: int


@dataclass(frozen=True, kw_only=True)
class WorkerStopped(Event):
    """The worker ended because it was asked to: fewer are wished for, or the sandbox went to sleep."""

    pid: int


@dataclass(frozen=True, kw_only=True)
class WorkerCrashed(Event):
    """The process died; what it held comes back at `back_at` (ISO 8601), when the lease expires."""

    pid: int
    signal: str
    back_at: str | None = None


@dataclass(frozen=True, kw_only=True)
class CrashArmed(Event):
    place: str


@dataclass(frozen=True, kw_only=True)
class FloodStarted(Event):
    per_second: int
    seconds: int


@dataclass(frozen=True, kw_only=True)
class FloodEnded(Event):
    placed: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class SettingsChanged(Event):
    changes: dict[str, Any]
    by: str = "visitor"  # or "lab": a lesson's lab set them for its runs


@dataclass(frozen=True, kw_only=True)
class LabStarted(Event):
    """The reader runs a lesson's lab, with what she chose."""

    lab: str  # the lesson's slug
    choices: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class CalmRestored(Event):
    pass
