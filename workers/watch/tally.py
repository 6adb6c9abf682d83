"""What the record says of one sandbox over a stretch of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

# Who has waited, and by what those who wait are told apart.
_WAITED = {"CustomerAnswered": "checkout", "TicketCounted": "about"}
TOLD = frozenset({*_WAITED, "TicketAccepted", "MessageShed", "RequestRefused"})


@dataclass
class Tally:
    """How many events of each type, and how long the customers waited who were answered."""

    counts: Counter[str] = field(default_factory=Counter)
    waits: dict[str, list[float]] = field(default_factory=dict)  # by the kind of checkout, or what a ticket is about
    small: Counter[str] = field(default_factory=Counter)  # the small messages in tickets, by the type of the event

    @property
    def came_in(self) -> int:
        return self.counts["MessageEnqueued"] + self.counts["MessageReplayed"] + self.counts["TicketAccepted"]

    @property
    def went_out(self) -> int:
        return self.counts["MessageAcknowledged"] + self.counts["TicketCounted"]

    @property
    def taken(self) -> int:
        return self.counts["MessageTaken"] + self.counts["TicketCounted"] + self.counts["MessageShed"]

    def mean_wait_s(self, kind: str) -> float | None:
        """In seconds; None when no such customer was answered, or no such ticket counted."""
        waits = self.waits.get(kind)
        return round(fmean(waits), 2) if waits else None

    def read(self, kind: str, details: Mapping[str, Any]) -> None:
        """What an event tells beside its type."""
        self.small[kind] += details.get("small", 0)
        if kind in _WAITED:
            self.waits.setdefault(details[_WAITED[kind]], []).append(details["waited_s"])
