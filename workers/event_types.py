"""What can happen to an order and its message, one class a fact, named in the past tense."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
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

    @classmethod
    @lru_cache
    def own_fields(cls) -> tuple[str, ...]:
        """The names that only this kind of event has; kept, because thousands are written at a time."""
        return tuple(f.name for f in fields(cls) if f.name not in _COMMON)

    @property
    def type(self) -> str:
        return type(self).__name__

    @property
    def details(self) -> dict[str, Any]:
        """The fields that only this kind of event has."""
        return {name: getattr(self, name) for name in self.own_fields()}

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
class ConnectionWaited(Event):
    """All connections of the sandbox's pool were lent: the step waited `seconds` for one, and `got` it or gave up."""

    seconds: float
    got: bool


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
    """The key was recognised, so the effect was not repeated; a sender that skips only believes that it was there."""

    key: str
    by: str = "receiver"  # or "sender": it skipped the step


@dataclass(frozen=True, kw_only=True)
class MessagePutOff(Event):
    """Another delivery has a claim on the step: this one ends, and comes again when its own lease is over."""

    key: str


@dataclass(frozen=True, kw_only=True)
class WriteRefused(Event):
    """A receiver has seen delivery `highest` of the order, so it refused what delivery `token` wrote."""

    token: int
    highest: int


@dataclass(frozen=True, kw_only=True)
class MessageEnqueued(Event):
    queue: str


@dataclass(frozen=True, kw_only=True)
class MessageTaken(Event):
    """A worker holds the message under a lease of `lease_s` seconds, which it keeps renewing if it is `renewed`."""

    lease_s: int
    renewed: bool = True


@dataclass(frozen=True, kw_only=True)
class MessageAcknowledged(Event):
    """The broker has forgotten the message and nobody will be given it again: its work is done, or `early` begins."""

    early: bool = False


@dataclass(frozen=True, kw_only=True)
class MessageAbandoned(Event):
    """A step failed of a message that was acknowledged before the work: nobody tries what was left of it again."""

    error: str


@dataclass(frozen=True, kw_only=True)
class AcknowledgementIgnored(Event):
    """It changed nothing: the message was done already, or its lease was lost and it is another's by now."""

    reason: str  # "done already" | "lease lost"


@dataclass(frozen=True, kw_only=True)
class MessageRedelivered(Event):
    """The message is on its queue again.

    `reason` is "lease expired", "never started", "orphaned", "retry due" or, for one that was there, "duplicated".
    """

    reason: str


@dataclass(frozen=True, kw_only=True)
class RetryScheduled(Event):
    """A try failed, and the next one is due at `due_at` (ISO 8601), after `delay_s` seconds."""

    delay_s: float
    due_at: str
    error: str


@dataclass(frozen=True, kw_only=True)
class MessageHeldBack(Event):
    """The circuit was open, so this is no try; the next is due at `due_at` (ISO 8601), in `delay_s` seconds."""

    delay_s: float
    due_at: str


@dataclass(frozen=True, kw_only=True)
class MessageDeadLettered(Event):
    """Its last try failed, or too many workers died with it: it lies aside until somebody replays or deletes it."""

    group: str  # the kind of error that it is listed under
    error: str


@dataclass(frozen=True, kw_only=True)
class MessageLost(Event):
    """The broker has the message no more, and nothing in the database had promised it: nobody sends it again."""


@dataclass(frozen=True, kw_only=True)
class MessageReplayed(Event):
    """A dead letter is back on the queue, with all of its tries."""


@dataclass(frozen=True, kw_only=True)
class DeadLetterRepaired(Event):
    """Somebody corrected what was wrong with the order of a dead letter: its e-mail address."""

    email: str


@dataclass(frozen=True, kw_only=True)
class DeadLettersDeleted(Event):
    count: int


@dataclass(frozen=True, kw_only=True)
class DeadLettersPurged(Event):
    """A deletion was not taken back in time: what these messages had left to do, nobody will do."""

    count: int


@dataclass(frozen=True, kw_only=True)
class DeadLettersRestored(Event):
    """A deletion was taken back while it could be."""

    count: int


@dataclass(frozen=True, kw_only=True)
class AnswerRefreshed(Event):
    """A worker has made the list of what sold best, in `seconds`, before anybody had to wait for it."""

    seconds: float


@dataclass(frozen=True, kw_only=True)
class RequestRefused(Event):
    """The shop said no; `small` is how many small messages a refused ticket carried."""

    reason: str
    small: int = 0
