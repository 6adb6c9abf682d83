"""What the sections of the control room are drawn from; those that are equal look the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lessons.control_room.facts import DeadKind
from lessons.control_room.hands import Hand
from lessons.drills import Watch
from workers.drills.paces import Pace
from workers.ongoing import Ongoing
from workers.snapshot import Ledger

ONGOING = {
    "crash": "a crash is armed, {}",
    "stop": "a freeze is armed, {}",
    "freeze": "{} is frozen",
    "hold": "workers stand at the step {}",
    "flood": "a flood of {} customers a second",
    "outage": "the partner is {}",
    "circuit": "the circuit to the partner: {}",
}


@dataclass(frozen=True)
class LedgerView:
    """The ledger as a sum; parts that are zero and rarely anything else are left out."""

    ledger: Ledger

    @property
    def parts(self) -> list[tuple[str, int]]:
        it = self.ledger
        always = [("done", it.done), ("waiting", it.waiting), ("running", it.running)]
        rare = [("scheduled", it.scheduled), ("dead", it.dead), ("shed", it.shed), ("lost", it.lost)]
        return always + [(name, count) for name, count in rare if count]


@dataclass(frozen=True)
class WorkersView:
    hands: tuple[Hand, ...]
    live: bool
    now: datetime = field(compare=False, repr=False)


@dataclass(frozen=True)
class Hire:
    """The buttons that say how many workers there are to be."""

    wished: int
    cap: int


@dataclass(frozen=True)
class DeadView:
    kinds: tuple[DeadKind, ...]
    total: int
    sandbox: str  # where the letters are read; empty in a view that somebody was sent

    @property
    def more(self) -> int:
        """How many are of kinds that are not listed."""
        return max(0, self.total - sum(kind.count for kind in self.kinds))


@dataclass(frozen=True)
class Force:
    """The faults that are in force."""

    faults: tuple[Ongoing, ...]
    now: datetime = field(compare=False, repr=False)

    def words(self, fault: Ongoing) -> str:
        return ONGOING[fault.kind].format(fault.what.replace("_", " ").replace(":", " "))


@dataclass(frozen=True)
class DrillView:
    """The drill that goes on, or the button that begins one."""

    watch: Watch | None
    sandbox: str
    now: datetime = field(compare=False, repr=False)


@dataclass(frozen=True)
class Paces:
    """How each step of the work goes, for who is on call."""

    steps: tuple[Pace, ...]


@dataclass(frozen=True)
class Again:
    """The order whose message can be delivered once more."""

    order: int | None
