"""What is wrong in a lesson's file: where, what, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workers.errors import TicketwheelError


@dataclass(frozen=True, order=True)
class Fault:
    """One thing to mend; `line` is 0 where it concerns the whole file, `key` is a dotted path or the faulty text."""

    path: str
    line: int
    key: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.key} {self.problem}. {self.remedy}"


class Faulty(TicketwheelError):
    """A lesson's file cannot be used; `faults` says why."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))
