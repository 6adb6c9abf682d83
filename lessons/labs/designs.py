"""The checkouts that a reader designed: which steps wait, with which card, and the order that each of them placed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from workers import commitments, events
from workers.attempts import Step
from workers.checkout import STEPS
from workers.events import CheckoutStarted, CustomerAnswered, Event

LAB = "sort-designs"
KEPT = 3
CARDS = {"g": "good", "d": "declined"}


@dataclass(frozen=True)
class Design:
    """`later` names the steps that a worker does; the order came after event `after`, and is 0 until it is known."""

    later: tuple[str, ...] = ()
    card: str = "good"
    after: int = 0
    order: int = 0
    key: str = ""

    @property
    def now(self) -> tuple[Step, ...]:
        """The steps that the customer waits for, in the story's order."""
        return tuple(step for step in STEPS if step.name not in self.later)

    @property
    def planned_s(self) -> float:
        """What she will wait by the story's figures, in seconds."""
        return round(sum(step.seconds for step in self.now), 3)

    def encode(self) -> str:
        """The design in at most 40 characters."""
        marks = "".join("l" if step.name in self.later else "n" for step in STEPS)
        return f"{self.after}.{self.order}.{marks}.{self.card[0]}"

    @classmethod
    def decode(cls, key: str, text: str) -> Design:
        after, order, marks, card = text.split(".")
        later = tuple(step.name for step, mark in zip(STEPS, marks, strict=True) if mark == "l")
        return cls(later, CARDS[card], int(after), int(order), key)


def begin(sandbox: str, later: tuple[str, ...], card: str) -> Design:
    """Write down a design that is about to run, and forget those that are too old to be shown."""
    design = Design(later, card, events.newest([sandbox]).get(sandbox, 0), key=secrets.token_hex(6))
    for old in _all(sandbox)[KEPT - 1 :]:
        forget(sandbox, old)
    _keep(sandbox, design)
    return design


def placed(sandbox: str, design: Design, order: int) -> None:
    """Now it is known for certain which order it was."""
    _keep(sandbox, replace(design, order=order))


def declined(sandbox: str, design: Design) -> None:
    """The same for an order that was refused: nobody else's card is declined meanwhile."""
    for event in events.after(design.after, sandbox):
        if isinstance(event, CustomerAnswered) and event.outcome == "declined" and event.order:
            placed(sandbox, design, event.order)


def forget(sandbox: str, design: Design) -> None:
    commitments.forget(sandbox, LAB, design.key)


def kept(sandbox: str) -> list[Design]:
    """The last designs that were run, the newest first, at most three."""
    return _all(sandbox)[:KEPT]


def record_of(sandbox: str, design: Design) -> tuple[Event, ...]:
    """Everything that happened to the design's order so far, oldest first."""
    order = design.order or _first_order(sandbox, design.after)
    return tuple(events.of_orders(sandbox, [order])) if order else ()


def _first_order(sandbox: str, after: int) -> int | None:
    started = [event for event in events.after(after, sandbox) if isinstance(event, CheckoutStarted)]
    return next((event.order for event in started if event.checkout == "later" and event.race is None), None)


def _all(sandbox: str) -> list[Design]:
    found = [Design.decode(key, text) for key, text in commitments.of_lab(sandbox, LAB).items()]
    return sorted(found, key=lambda design: (design.after, design.order), reverse=True)


def _keep(sandbox: str, design: Design) -> None:
    commitments.commit(sandbox, LAB, design.key, design.encode())
