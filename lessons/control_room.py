"""The control room as sections: what each of them is drawn from, computed from the facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lessons import hands, tiles
from lessons.facts import Facts
from workers.alerts import NAMED, Rule
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


@dataclass(frozen=True)
class AlertView:
    """One alert, with why it fired and what to do."""

    rule: Rule
    fired_at: datetime
    resolved_at: datetime | None

    def __repr__(self) -> str:
        """Without what the rule is made of, which is another object in each process."""
        return f"{self.rule.name} {self.fired_at} {self.resolved_at}"

    @property
    def lasted_s(self) -> float:
        return ((self.resolved_at or self.fired_at) - self.fired_at).total_seconds()


@dataclass(frozen=True)
class AlertsView:
    firing: tuple[AlertView, ...]
    resolved: tuple[AlertView, ...]
    live: bool
    now: datetime = field(compare=False, repr=False)


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
    found["alerts"] = _alerts(facts)
    found["charts"] = facts.history.charts(facts.live)
    if facts.ledger:
        found["ledger"] = LedgerView(facts.ledger)
    if facts.crew:
        crew = facts.crew
        found["workers"] = WorkersView(
            hands.hands(crew.workers, crew.supervised, facts.at), crew.wished, crew.cap, facts.live, facts.at
        )
    return found


def _alerts(facts: Facts) -> AlertsView:
    told = [AlertView(NAMED[each.rule], each.fired_at, each.resolved_at) for each in facts.alerts]
    firing = tuple(each for each in told if each.resolved_at is None)
    return AlertsView(firing, tuple(each for each in told if each.resolved_at), facts.live, facts.at)


def _spoken(facts: Facts) -> Spoken:
    """Alerts that fire, and what must never be: neither comes and goes within a few seconds."""
    ledger = facts.ledger or Ledger()
    said = [f"Alert: {NAMED[each.rule].title}." for each in facts.alerts if each.resolved_at is None]
    said += [] if ledger.adds_up else ["The ledger does not add up."]
    said += [f"{ledger.lost} lost."] if ledger.lost else []
    return Spoken(" ".join(said))
