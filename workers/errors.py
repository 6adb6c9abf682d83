"""Every error that we raise on purpose: one base class, one sentence each."""

from __future__ import annotations


class TicketwheelError(Exception):
    """Something that we can explain to the person who meets it."""


class BadSetting(TicketwheelError):
    """An environment variable has a value that cannot be used."""

    def __init__(self, name: str, value: str, remedy: str) -> None:
        super().__init__(f"{name}={value!r} {remedy}.")


class CannotStart(TicketwheelError):
    """A part of the product cannot start; the message says which and what to do."""


class CheckoutDied(TicketwheelError):
    """The process that took the order died, so nobody can say what became of it."""

    remedy = "Look into the ledger and the events of the lab. A customer would ask the shop before she orders again."


class UnknownSandbox(TicketwheelError):
    """There is no such sandbox, or it is somebody else's."""


class Refusal(TicketwheelError):
    """The customer is told no: there is no order, and no message."""


class CardDeclined(Refusal):
    """The card network refused the payment."""


class NotAllowed(Refusal):
    """Somebody asked for what she may not see."""


class SoldOut(Refusal):
    """Somebody else was first, and there is no second one."""


class PartMissing(TicketwheelError):
    """A step needs what another one leaves, and it is not there."""


class StepUnavailable(TicketwheelError):
    """A part of the outside world did not do its step; `kind` is a short, stable name of what it did instead."""

    def __init__(self, detail: str, kind: str) -> None:
        super().__init__(detail)
        self.kind = kind


class CircuitOpen(StepUnavailable):
    """The circuit breaker made no call; it lets the next one through in `wait_s` seconds at the earliest."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("The circuit is open: the partner was not called.", "circuit open")
        self.wait_s = wait_s


class InProgress(TicketwheelError):
    """Another delivery of the message has a claim on the step, so this one cannot say that it is done."""


class Fenced(TicketwheelError):
    """A receiver refused a write: it has seen a delivery of the order with a higher number than `token`."""

    def __init__(self, receiver: str, token: int, highest: int) -> None:
        super().__init__(f"The {receiver} refused delivery {token}: it has seen delivery {highest}.")
        self.token, self.highest = token, highest


class UnknownMessage(TicketwheelError):
    """A message on the queue is not one that we sent: its kind, its form or its signature is wrong."""


class OrderMissing(UnknownMessage):
    """A message is about an order that is not there: it came before the commit, or the commit never came."""


class OverLimit(TicketwheelError):
    """A cap of the sandbox or of the machine is reached; `cap` names it and `limit` is its value."""

    def __init__(self, cap: str, limit: int, remedy: str, retry_after_s: int = 5) -> None:
        super().__init__(f"The limit {cap} is {limit}; {remedy}.")
        self.cap, self.limit, self.remedy, self.retry_after_s = cap, limit, remedy, retry_after_s


class NoSuchWorker(TicketwheelError):
    """No worker of that name is alive in this sandbox."""


class NoWorkerAlive(TicketwheelError):
    """There is no living worker to act on."""


class AlreadyFrozen(TicketwheelError):
    """Every worker that was meant stands still already."""


class NoHold(TicketwheelError):
    """No hold is in force in this sandbox, so nobody stands at a place."""

    remedy = "Start a hold first: POST …/holds with a step and seconds."


class NobodyStands(TicketwheelError):
    """The worker that was to go on does not stand at a place."""

    remedy = "Wait until it stands (`held_at` in the snapshot's workers), and release it then."


class SupervisorAway(TicketwheelError):
    """The supervisor did not act on a wish in time."""


class UnknownOrder(TicketwheelError):
    """There is no such order in this sandbox."""


class UnknownLetter(TicketwheelError):
    """There is no such dead letter in this sandbox."""


class NoMessage(TicketwheelError):
    """The order has no message that could be delivered again."""


class CountChanged(TicketwheelError):
    """The asker was told another number of dead letters than there are by now; `count` is the new one."""

    def __init__(self, count: int) -> None:
        super().__init__(f"There are {count} of them by now. Ask again with the new number.")
        self.count = count


class NothingToObserve(TicketwheelError):
    """There is no finished run that an observation could be about."""


class KeyReused(TicketwheelError):
    """An Idempotency-Key came again with a different request."""


class StillRunning(TicketwheelError):
    """The first request with the same Idempotency-Key has no answer yet."""


class HouseFull(OverLimit):
    """The machine has no place left for this; it is not the visitor's doing."""


class UnknownLesson(TicketwheelError):
    """There is no such lesson."""


class UnknownExperiment(TicketwheelError):
    """There is no such run."""


class NotCommitted(TicketwheelError):
    """A reader has not answered the question yet of which she would be told."""


class DrillRunning(TicketwheelError):
    """A drill is under way in this sandbox."""


class NoDrill(TicketwheelError):
    """There is no drill, or none that is under way."""
