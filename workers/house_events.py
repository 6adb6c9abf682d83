"""What can happen to workers, and what readers and the house itself do, one class a fact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workers.event_types import Event


@dataclass(frozen=True, kw_only=True)
class WorkerStarted(Event):
    pid: int


@dataclass(frozen=True, kw_only=True)
class WorkerStopped(Event):
    """The worker ended because it was asked to: fewer are wished for, or the sandbox went to sleep."""

    pid: int


@dataclass(frozen=True, kw_only=True)
class WorkerCrashed(Event):
    """The process died; what it held comes back at `back_at` (ISO 8601), when the lease expires.

    Without that moment the order that is named was acknowledged before the work: nobody does what was left of it.
    """

    pid: int
    signal: str
    back_at: str | None = None


@dataclass(frozen=True, kw_only=True)
class WorkerFrozen(Event):
    """The process was stopped with SIGSTOP; it goes on at `until` (ISO 8601) at the latest."""

    pid: int
    until: str


@dataclass(frozen=True, kw_only=True)
class WorkerThawed(Event):
    pid: int


@dataclass(frozen=True, kw_only=True)
class CheckoutCrashed(Event):
    """The process that took the order died before it had answered its customer."""

    pid: int
    signal: str


@dataclass(frozen=True, kw_only=True)
class CrashArmed(Event):
    place: str


@dataclass(frozen=True, kw_only=True)
class FreezeArmed(Event):
    """The next victim that gets to `place` is stopped there for `seconds`."""

    place: str
    seconds: int


@dataclass(frozen=True, kw_only=True)
class HoldStarted(Event):
    """From now on workers stand before each action of the hold's step, for at most `seconds`."""

    seconds: int


@dataclass(frozen=True, kw_only=True)
class HoldEnded(Event):
    """Nobody is held any more."""


@dataclass(frozen=True, kw_only=True)
class WorkerHeld(Event):
    """The worker stands before the action of which `place` is the name."""

    pid: int
    place: str


@dataclass(frozen=True, kw_only=True)
class WorkerReleased(Event):
    """The worker goes on: somebody let it take its next action, or the hold is over."""

    pid: int
    place: str


@dataclass(frozen=True, kw_only=True)
class FloodStarted(Event):
    per_second: int
    seconds: int
    kind: str = "checkout"  # or "analytics" or "payments": small messages, in tickets


@dataclass(frozen=True, kw_only=True)
class FloodEnded(Event):
    placed: int
    refused: int
    kind: str = "checkout"


@dataclass(frozen=True, kw_only=True)
class PoisonPlaced(Event):
    """An order was placed whose message fails whenever it is tried.

    No mail server takes its e-mail ("error"), or its receipt ends the worker that makes it ("deadly").
    """

    kind: str = "error"


@dataclass(frozen=True, kw_only=True)
class BatchPlaced(Event):
    """So many orders came in one piece, of which nothing but the call to the partner was left to do."""

    first: int
    count: int


@dataclass(frozen=True, kw_only=True)
class CircuitOpened(Event):
    """After `failures` failures in a row the partner is not called for `for_s` seconds."""

    failures: int
    for_s: float


@dataclass(frozen=True, kw_only=True)
class CircuitHalfOpened(Event):
    """One call is let through; what becomes of it decides."""


@dataclass(frozen=True, kw_only=True)
class CircuitClosed(Event):
    """Calls are made as usual again."""


@dataclass(frozen=True, kw_only=True)
class OutageStarted(Event):
    """The partner is `partner` ("slow" | "flaky" | "down") for `seconds`, then up again by itself."""

    partner: str
    seconds: int


@dataclass(frozen=True, kw_only=True)
class OutageEnded(Event):
    partner: str


@dataclass(frozen=True, kw_only=True)
class BrokerWiped(Event):
    """The broker has forgotten everything of this sandbox; the ledger knows what it was."""

    messages: int


@dataclass(frozen=True, kw_only=True)
class AlertFired(Event):
    rule: str


@dataclass(frozen=True, kw_only=True)
class AlertResolved(Event):
    rule: str


@dataclass(frozen=True, kw_only=True)
class SettingsChanged(Event):
    changes: dict[str, Any]
    by: str = "visitor"  # or "lab": a lesson's lab set them for its runs; or "experiment"


@dataclass(frozen=True, kw_only=True)
class LabStarted(Event):
    """The reader runs a lesson's lab, with what she chose."""

    lab: str  # the lesson's slug
    choices: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class CalmRestored(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class DrillStarted(Event):
    """The reader is on call from now on: traffic comes, and a fault will."""


@dataclass(frozen=True, kw_only=True)
class DrillFaultInjected(Event):
    """Withheld until the drill is over, as is every event that would name its cause."""

    kind: str


@dataclass(frozen=True, kw_only=True)
class DrillGuessed(Event):
    guess: str
    right: bool


@dataclass(frozen=True, kw_only=True)
class DrillMended(Event):
    """The fault is over and the traffic is served again, by the record and the figures."""

    after_s: float  # since the fault came


@dataclass(frozen=True, kw_only=True)
class DrillEnded(Event):
    """All of it is told from now on; `how` is "mended", "gave up", "calm" or "time was up"."""

    kind: str
    how: str
    guesses: int
    named: bool
    mended_after_s: float | None
