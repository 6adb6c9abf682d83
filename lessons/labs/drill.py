"""The lab of lesson 9: an incident drill, run in the control room; afterwards, which figure showed it first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lessons import access, drills, requests
from lessons.drill_words import SIGNS, WORDS
from lessons.drills import Watch
from lessons.labs.evidence import Evidence
from workers import limits
from workers.drills import conduct
from workers.drills import drill as kept

TEMPLATE = "labs/_drill.html"
SHOWN = 5
# What an observation calls each figure.
FIGURES = {
    **dict.fromkeys(("in", "stalled"), "flow"),
    "age": "age",
    **dict.fromkeys(("retries", "dead", "slow"), "failures"),
    **dict.fromkeys(("alive", "deaths", "silence"), "workers"),
}


class RunForm(requests.Form):
    """A drill takes no choice: what comes is to be unknown."""


@dataclass(frozen=True)
class Bench:
    """What the lab's template is given: the drill that goes on, and the last ones, newest first."""

    runs: tuple[Watch, ...] = ()
    now: Watch | None = None

    @property
    def running(self) -> bool:
        return self.now is not None

    @property
    def version(self) -> str:
        return f"{len(self.runs)}-{self.now.number if self.now else 0}"


def run(sandbox: str, wanted: RunForm) -> None:
    """Start one. Raises DrillRunning while another goes on."""
    limits.check_chaos(sandbox)
    conduct.start(sandbox, access.token_for(sandbox))


def look(sandbox: str | None) -> Bench:
    """The bench as it is now; without a sandbox there was no drill."""
    newest = drills.watch(sandbox) if sandbox else None
    going_on = newest if newest and not newest.over else None
    return Bench(tuple(drills.history(sandbox)[:SHOWN]), going_on)


def observe(sandbox: str, choice: str) -> Evidence | None:
    """Which figure showed the last drill's fault first; None before one was seen."""
    seen = [(drill.kind, dict(drill.signs)) for drill in kept.of_sandbox(sandbox) if drill.signs]
    return held_against(*seen[-1], choice) if seen else None


def held_against(kind: str, found: dict[str, str], choice: str) -> Evidence:
    """The reader's figure beside the first that the record has."""
    first = min(found, key=lambda name: datetime.fromisoformat(found[name]))
    then = _others(found, first)
    text = f"It was “{WORDS[kind].name}”. The first that showed it: {SIGNS[first]}{then}"
    return Evidence(FIGURES[first] == choice, text)


def _others(found: dict[str, str], first: str) -> str:
    began = datetime.fromisoformat(found[first])
    rest = sorted((name for name in found if name != first), key=found.__getitem__)
    after_s = {name: (datetime.fromisoformat(found[name]) - began).total_seconds() for name in rest}
    return "".join(f" {after_s[name]:.1f} s later: {SIGNS[name]}" for name in rest)
