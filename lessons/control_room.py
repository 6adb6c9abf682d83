"""The control room as sections: what each of them is drawn from, computed from the facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lessons import hands, tiles
from lessons.facts import Facts
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


@dataclass(frozen=True)
class Force:
    """The faults that are in force."""

    faults: tuple[Ongoing, ...]
    now: datetime = field(compare=False, repr=False)

    def left(self, fault: Ongoing) -> float:
        """Seconds until it is over by itself."""
        return max(0.0, (fault.until - self.now).total_seconds())

    def words(self, fault: Ongoing) -> str:
        return ONGOING[fault.kind].format(fault.what.replace("_", " ").replace(":", " "))


@dataclass(frozen=True)
class Again:
    """The order whose message can be delivered once more."""

    order: int | None


@dataclass(frozen=True)
class Spoken:
    """What is said aloud when it changes."""

    text: str


def sections(facts: Facts) -> dict[str, Any]:
    """What each section of the page is drawn from, in the order of the page; equal views look the same."""
    found: dict[str, Any] = {"spoken": _spoken(facts)}
    found |= {f"tile-{name}": tile for name, tile in tiles.tiles(facts).items()}
    if facts.live:
        found |= {"force": Force(facts.ongoing, facts.at), "again": Again(facts.an_order)}
    found["charts"] = facts.history.charts(facts.live)
    if facts.ledger:
        found["ledger"] = LedgerView(facts.ledger)
    if facts.crew:
        crew = facts.crew
        found["workers"] = WorkersView(hands.hands(crew.workers, facts.at), crew.wished, crew.cap, facts.live)
    return found


def _spoken(facts: Facts) -> Spoken:
    ledger = facts.ledger or Ledger()
    said = [] if ledger.adds_up else ["The ledger does not add up."]
    said += [f"{ledger.lost} lost."] if ledger.lost else []
    return Spoken(" ".join(said))
