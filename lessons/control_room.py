"""The control room as sections: what each of them is drawn from, computed from the facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lessons import alarms, hands, tiles
from lessons.facts import DeadKind, Facts
from workers.ongoing import Ongoing
from workers.snapshot import Ledger

ONGOING = {
    "crash": "a crash is armed, {}",
    "freeze": "{} is frozen",
    "flood": "a flood of {} customers a second",
    "outage": "the partner is {}",
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
    hands: tuple[hands.Hand, ...]
    wished: int
    cap: int
    live: bool
    now: datetime = field(compare=False, repr=False)


@dataclass(frozen=True)
class DeadView:
    kinds: tuple[DeadKind, ...]
    total: int
    live: bool

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
class Again:
    """The order whose message can be delivered once more."""

    order: int | None


def sections(facts: Facts) -> dict[str, Any]:
    """What each section of the page is drawn from, in the order of the page; equal views look the same."""
    found: dict[str, Any] = {"spoken": alarms.spoken(facts), "badge": alarms.badge(facts)}
    found |= {f"tile-{name}": tile for name, tile in tiles.tiles(facts).items()}
    found |= {f"spark-{name}": lines for name, lines in tiles.sparks(facts).items()}
    if facts.live:
        found |= {"force": Force(facts.ongoing, facts.at), "again": Again(facts.an_order)}
    found["alerts"] = alarms.alerts(facts)
    if facts.ledger:
        found["dead"] = DeadView(facts.dead, facts.figures.dead, facts.live)
    found["charts"] = facts.history.charts
    if facts.ledger:
        found["ledger"] = LedgerView(facts.ledger)
    if facts.crew:
        crew = facts.crew
        found["workers"] = WorkersView(
            hands.hands(crew.workers, crew.supervised, facts.at), crew.wished, crew.cap, facts.live, facts.at
        )
    return found
