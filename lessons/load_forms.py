"""The forms of what puts load on the shop: floods, and the tickets that they are made of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from lessons.requests import Form, Text
from workers import floods, tickets
from workers.sandboxes import CAPS


class FloodForm(Form):
    """Orders, or small messages in tickets: of these, many more a second are possible."""

    kind: Literal["checkout", "analytics"] = "checkout"
    per_second: Annotated[int, Field(ge=1, le=CAPS["flood_small_per_second"])]
    seconds: Annotated[int, Field(ge=1, le=CAPS["flood_seconds"])]
    checkout: Literal["now", "later"] = "later"
    priority: Literal["high", "low"] | None = None

    @field_validator("per_second")
    @classmethod
    def _of_orders_fewer(cls, per_second: int, fields: ValidationInfo) -> int:
        most = CAPS["flood_per_second"]
        if fields.data.get("kind") == "checkout" and per_second > most:
            raise ValueError(f"is at most {most} for orders; more go with kind “analytics”")
        return per_second

    @field_validator("priority")
    @classmethod
    def _of_orders_high(cls, priority: str | None, fields: ValidationInfo) -> str | None:
        if priority == "low" and fields.data.get("kind") == "checkout":
            raise ValueError("cannot be low for orders: somebody has paid for them")
        return priority

    @property
    def about(self) -> str:
        """What the flood is of: orders, page views that may wait, or confirmations of payments that may not."""
        return "payments" if self.kind == "analytics" and self.priority == "high" else self.kind


class TicketForm(Form):
    """Up to ten small messages, which one message on the queue carries."""

    many = ("events",)

    about: Literal["analytics", "payments"] = "analytics"
    events: Annotated[list[Annotated[Text, Field(min_length=1)]], Field(min_length=1, max_length=tickets.SMALL_AT_MOST)]
    work_ms: Annotated[float, Field(ge=0, le=floods.MOST_WORK_MS)] | None = None
    lookup: Literal["one", "parallel", "cached"] | None = None
