"""What crosses the queue: frozen, imperative, and nothing but data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from workers.errors import UnknownMessage
from workers.shop.steps import CHECKOUT, NAMES


@dataclass(frozen=True)
class CompleteOrder:
    """Do the steps of a placed order that its customer does not wait for."""

    sandbox: str
    order: int
    design: dict[str, Any] | None = None  # what a worker must be told of a checkout that a reader designed
    promised: bool = True  # it was committed with its order: whoever loses it, the audit misses it

    @property
    def id(self) -> str:
        """The same for every attempt to send this message, so that sending it twice is sending it once."""
        return f"{self.sandbox}-{self.order}"

    @property
    def kind(self) -> str:
        """Its kind in the ledger, which counts those apart whose order may not be there (yet)."""
        return "CompleteOrder" if self.design is None and self.promised else "CompleteDesign"

    @property
    def queue(self) -> str:
        return queue_name(self.sandbox)

    def encode(self) -> dict[str, Any]:
        """What the broker is given; what is usual is left out."""
        unusual = {"design": self.design is not None, "promised": not self.promised}
        return {name: value for name, value in asdict(self).items() if unusual.get(name, True)}

    @classmethod
    def decode(cls, payload: dict[str, Any]) -> CompleteOrder:
        """Raises UnknownMessage if the payload has another form."""
        try:
            message = cls(**payload)
        except TypeError as error:
            raise UnknownMessage(f"Not a CompleteOrder: {error}.") from error
        if not isinstance(message.sandbox, str) or type(message.order) is not int:
            raise UnknownMessage("A CompleteOrder takes a sandbox (text) and an order (a number).")
        if type(message.promised) is not bool:
            raise UnknownMessage("A CompleteOrder is promised, or it is not.")
        if message.design is not None:
            _check(message.design)
        return message


@dataclass(frozen=True)
class RefreshBestsellers:
    """Make the list of what sold best anew; losing this message is harmless, so the ledger has no row of it."""

    sandbox: str
    asked_ms: int  # since 1970

    @property
    def id(self) -> str:
        return f"{self.sandbox}-bestsellers-at{self.asked_ms}"

    def encode(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def decode(cls, payload: dict[str, Any]) -> RefreshBestsellers:
        """Raises UnknownMessage if the payload has another form."""
        try:
            message = cls(**payload)
        except TypeError as error:
            raise UnknownMessage(f"Not a RefreshBestsellers: {error}.") from error
        if not isinstance(message.sandbox, str) or type(message.asked_ms) is not int:
            raise UnknownMessage("A RefreshBestsellers takes a sandbox (text) and a moment (a number).")
        return message


@dataclass(frozen=True)
class CountEvents:
    """Count the small messages that a ticket carries: ten at most, because a message costs more than its work does."""

    sandbox: str
    number: str  # letters and digits that no other ticket of the sandbox has
    about: str  # "analytics" | "payments"
    events: list[str]
    sent_at: float  # seconds since 1970
    work_ms: float | None = None  # of the story, for all of them; None: 10 ms for each
    lookup: str | None = None  # how a ticket asks a slow server first; None: it asks nobody

    kind = "CountEvents"

    @property
    def id(self) -> str:
        return f"{self.sandbox}-t{self.number}"

    @property
    def order(self) -> None:
        """It is about no order."""

    @property
    def low(self) -> bool:
        """It may wait for others, and may be dropped."""
        return self.about == "analytics"

    def encode(self) -> dict[str, Any]:
        # Not asdict, which copies in depth: a tenth of what it takes to accept a ticket went into that.
        return {name: value for name, value in vars(self).items() if value is not None}

    @classmethod
    def decode(cls, payload: dict[str, Any]) -> CountEvents:
        """Raises UnknownMessage if the payload has another form."""
        try:
            return cls(**payload)
        except TypeError as error:
            raise UnknownMessage(f"Not a CountEvents: {error}.") from error


def _check(design: dict[str, Any]) -> None:
    if design.keys() - {"trade"} != {"later", "email", "card"}:
        raise UnknownMessage("The design of a CompleteOrder names the later steps, the e-mail and the card.")
    trade = design.get("trade", CHECKOUT)
    if not isinstance(trade, str) or trade not in NAMES:
        raise UnknownMessage(f"The trade of a CompleteOrder is one of {', '.join(NAMES)}.")


def queue_name(sandbox: str) -> str:
    return f"{sandbox}:checkout"


def low_queue_name(sandbox: str) -> str:
    """Where messages wait that others pass, while the sandbox prioritises."""
    return f"{sandbox}:analytics"


def is_ticket(message_id: str) -> bool:
    return message_id.rpartition("-")[2].startswith("t")


def order_of(message_id: str) -> int | None:
    """The order that a message is about; None for an id that we did not give."""
    number = message_id.rpartition("-")[2]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None
