"""The runs of the crash lab: what was chosen, and the order that each of them placed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from workers import commitments

LAB = "crash-runs"
KEPT = 5
TROUBLES = {"n": "none", "k": "kill", "s": "slow", "f": "freeze"}
WHENS = {"l": "late", "e": "early"}
TOKENS = {"0": "off", "1": "on"}


@dataclass(frozen=True)
class Trial:
    """What goes wrong, where, and how messages are acknowledged meanwhile; `fencing` is "on" or "off"."""

    order: int = 0
    acknowledge: str = "late"
    trouble: str = "kill"
    place: str = "in:pdf"
    fencing: str = "off"
    key: str = ""

    def encode(self) -> str:
        """The trial in at most 40 characters."""
        token = next(mark for mark, name in TOKENS.items() if name == self.fencing)
        return f"{self.order}.{self.acknowledge[0]}.{self.trouble[0]}.{token}.{self.place}"

    @classmethod
    def decode(cls, key: str, text: str) -> Trial:
        order, when, trouble, token, place = text.split(".")
        return cls(int(order), WHENS[when], TROUBLES[trouble], place, TOKENS[token], key)


def keep(sandbox: str, trial: Trial) -> None:
    """Write down a trial that has begun, and forget those that are too old to be shown."""
    for old in kept(sandbox)[KEPT - 1 :]:
        commitments.forget(sandbox, LAB, old.key)
    commitments.commit(sandbox, LAB, secrets.token_hex(6), trial.encode())


def kept(sandbox: str) -> list[Trial]:
    """The last trials, the newest first."""
    found = [Trial.decode(key, text) for key, text in commitments.of_lab(sandbox, LAB).items()]
    return sorted(found, key=lambda trial: trial.order, reverse=True)
