"""What crosses the queue: frozen, imperative, and nothing but data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from workers.errors import UnknownMessage


@dataclass(frozen=True)
class CompleteOrder:
    """Do the steps of a placed order that its customer does not wait for."""

    sandbox: str
    order: int

    @property
    def id(self) -> str:
        """The same for every attempt to send this message, so that sending it twice is sending it once."""
        return f"{self.sandbox}-{self.order}"

    @property
    def queue(self) -> str:
        return queue_name(self.sandbox)

    def encode(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def decode(cls, payload: dict[str, Any]) -> CompleteOrder:
        """Raises UnknownMessage if the payload has another form."""
        try:
            message = cls(**payload)
        except TypeError as error:
            raise UnknownMessage(f"Not a CompleteOrder: {error}.") from error
        if not isinstance(message.sandbox, str) or type(message.order) is not int:
            raise UnknownMessage("A CompleteOrder takes a sandbox (text) and an order (a number).")
        return message


def queue_name(sandbox: str) -> str:
    return f"{sandbox}:checkout"


def order_of(message_id: str) -> int | None:
    """The order that a message is about; None for an id that we did not give."""
    number = message_id.rpartition("-")[2]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None
