"""What can happen to a ticket of small messages; it has no order, so what is told of it is told by its message."""

from __future__ import annotations

from dataclasses import dataclass

from workers.event_types import Event


@dataclass(frozen=True, kw_only=True)
class TicketAccepted(Event):
    """A ticket is committed, and its sender was told so; `small` is how many small messages it carries."""

    about: str  # "analytics" | "payments"
    small: int


@dataclass(frozen=True, kw_only=True)
class TicketCounted(Event):
    """What the ticket carries was counted: its effect exists, and it is done. All times in seconds."""

    about: str
    small: int
    waited_s: float  # until a worker began with it
    worked_s: float  # from then on
    outside_s: float = 0.0  # of that: waiting for somebody else's server


@dataclass(frozen=True, kw_only=True)
class MessageShed(Event):
    """A worker dropped the ticket instead of counting it, because it had waited for `age_s` seconds."""

    about: str
    small: int
    age_s: float
