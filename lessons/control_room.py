"""The control room's view of a sandbox: what is known of it at a moment, as sections that are drawn one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lessons import hands, tiles
from workers.database import utc_now
from workers.snapshot import Ledger, Snapshot


@dataclass(frozen=True)
class Facts:
    """All that the control room shows of one sandbox, read at one moment."""

    snapshot: Snapshot
    read_at: datetime

    def as_json(self) -> dict[str, Any]:
        """The same for scripts."""
        return self.snapshot.as_json(utc_now())


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


@dataclass(frozen=True)
class Spoken:
    """What is said aloud when it changes."""

    text: str


def gather(snapshot: Snapshot, before: Facts | None = None) -> Facts:
    """Read what is not in the snapshot, as far as it may have changed since it was read before."""
    if before and before.snapshot.id == snapshot.id:
        return replace(before, snapshot=snapshot)
    return Facts(snapshot, snapshot.at)


def sections(facts: Facts) -> dict[str, Any]:
    """What each section of the page is drawn from, in the order of the page; equal views look the same."""
    snapshot = facts.snapshot
    found: dict[str, Any] = {"spoken": _spoken(snapshot)}
    found |= {f"tile-{tile.name}": tile for tile in tiles.tiles(snapshot)}
    found["ledger"] = LedgerView(snapshot.ledger)
    found["workers"] = WorkersView(
        hands.hands(snapshot), int(str(snapshot.settings["workers"])), snapshot.caps["workers"]
    )
    return found


def _spoken(snapshot: Snapshot) -> Spoken:
    ledger = snapshot.ledger
    said = [] if ledger.adds_up else ["The ledger does not add up."]
    said += [f"{ledger.lost} lost."] if ledger.lost else []
    return Spoken(" ".join(said))
