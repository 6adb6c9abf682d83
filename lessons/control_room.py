"""The control room as sections: what each of them is drawn from, computed from the facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lessons import hands, tiles
from lessons.facts import Facts
from workers.snapshot import Ledger

MINUTE_S = 60


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
class Spoken:
    """What is said aloud when it changes."""

    text: str


def sections(facts: Facts) -> dict[str, Any]:
    """What each section of the page is drawn from, in the order of the page; equal views look the same."""
    found: dict[str, Any] = {"spoken": _spoken(facts)}
    found |= {f"tile-{name}": tile for name, tile in tiles.tiles(facts).items()}
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
