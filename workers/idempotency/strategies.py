"""The five strategies: what a worker does about a step that may have been done before, action by action.

Each action of the hands is atomic; between two of them the worker may die, and others may do anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from workers.errors import InProgress


class Hands(Protocol):
    """The actions of which strategies are made, on one step of one delivery; its key is known to them."""

    def seen(self) -> bool:
        """Look whether the key is marked as done."""

    def claim(self) -> bool:
        """Mark the key unless somebody has; False if somebody has."""

    def claim_for_a_while(self) -> Literal["ours", "held", "done"]:
        """Claim the key for as long as a lease; "held" if another's claim holds, "done" if it is marked."""

    def work(self, with_key: bool = False) -> None:
        """Have the effect; with the key, its receiver refuses what it has already."""

    def mark(self) -> None:
        """Mark the key as done."""

    def turn_claim_into_mark(self) -> bool:
        """Mark the key as done if our claim on it still holds; False if it does not."""

    def skip(self) -> None:
        """Say that the step is left out, because it was done before."""


def off(hands: Hands) -> None:
    """Do it each time that the message comes."""
    hands.work()


def check_then_mark(hands: Hands) -> None:
    """Look first, note it afterwards: another can look in between, and a death in between is not noted."""
    if hands.seen():
        hands.skip()
    else:
        hands.work()
        hands.mark()


def claim_first(hands: Hands) -> None:
    """Look and note in one: only one gets through, and if that one dies or fails, nobody does the work."""
    if hands.claim():
        hands.work()
    else:
        hands.skip()


def claim_with_lease(hands: Hands) -> None:
    """Claim for a while: a dead owner's claim ends by itself, and so does the claim of one who is only slow."""
    found = hands.claim_for_a_while()
    if found == "held":
        raise InProgress("Another delivery is at this step: it is not done, so it must not be acknowledged.")
    if found == "done":
        hands.skip()
    else:
        hands.work()
        hands.turn_claim_into_mark()


def receiver(hands: Hands) -> None:
    """Do it each time, and tell its receiver the key: the effect and the memory of it are one."""
    hands.work(with_key=True)


STRATEGIES: dict[str, Callable[[Hands], None]] = {
    "off": off,
    "check_then_mark": check_then_mark,
    "claim_first": claim_first,
    "claim_with_lease": claim_with_lease,
    "receiver": receiver,
}
