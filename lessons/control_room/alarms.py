"""The alerts of the control room, and what is said aloud of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lessons.control_room.facts import Facts
from workers.snapshot import Ledger
from workers.watch.alerts import NAMED, Rule


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


@dataclass(frozen=True)
class Badge:
    """Beside the title: how many alerts fire, and whether the ledger is wrong."""

    firing: int
    wrong: bool


def badge(facts: Facts) -> Badge:
    """What must be seen at once."""
    firing = sum(each.resolved_at is None for each in facts.alerts)
    return Badge(firing, facts.ledger is not None and not facts.ledger.adds_up)


def alerts(facts: Facts) -> AlertsView:
    """Those that fire first."""
    told = [AlertView(NAMED[each.rule], each.fired_at, each.resolved_at) for each in facts.alerts]
    firing = tuple(each for each in told if each.resolved_at is None)
    return AlertsView(firing, tuple(each for each in told if each.resolved_at), facts.live, facts.at)


def spoken(facts: Facts) -> Spoken:
    """Alerts that fire, and what must never be: neither comes and goes within a few seconds."""
    ledger = facts.ledger or Ledger()
    said = [f"Alert: {NAMED[each.rule].title}." for each in facts.alerts if each.resolved_at is None]
    said += [] if ledger.adds_up else ["The ledger does not add up."]
    said += [f"{ledger.lost} lost."] if ledger.lost else []
    return Spoken(" ".join(said))
