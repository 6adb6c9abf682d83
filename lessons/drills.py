"""A drill as its reader may see it: while it goes on, nothing of its cause; afterwards, all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lessons.drill_words import WORDS
from workers.drills import drill as drills
from workers.drills import scores
from workers.drills.drill import Drill
from workers.drills.scores import MOST


@dataclass(frozen=True)
class Said:
    """One guess in words, and whether it held."""

    guess: str
    words: str
    right: bool


@dataclass(frozen=True)
class Outcome:
    """What is told of a drill that is over; `mended_after_s` is None if it never was."""

    kind: str
    words: str
    how: str
    named: bool
    mended_after_s: float | None
    points: int
    of: int = MOST


@dataclass(frozen=True)
class Watch:
    """The newest drill; `state` is "running", "mended" (and may still be named) or "over"."""

    number: int
    state: str
    started_at: datetime
    ends_at: datetime
    speed: float
    named: bool = False
    guesses: tuple[Said, ...] = ()
    outcome: Outcome | None = None

    @property
    def over(self) -> bool:
        return self.state == "over"

    @property
    def open_choices(self) -> list[tuple[str, str]]:
        """What can still be said: all kinds and their neighbours, but not twice the same."""
        said = {each.guess for each in self.guesses}
        return [(kind, words.name) for kind, words in WORDS.items() if kind not in said]


def watch(sandbox: str) -> Watch | None:
    """The newest drill of a sandbox, as its reader may see it."""
    newest = drills.latest(sandbox)
    return of(newest) if newest else None


def of(drill: Drill) -> Watch:
    """Without its kind, unless it is over."""
    state = {"over": "over", "mended": "mended"}.get(drill.state, "running")
    said = tuple(Said(each.guess, WORDS[each.guess].name, each.right) for each in drill.guesses)
    outcome = _outcome(drill) if drill.over else None
    ends_at = drill.ended_at or drill.ends_at
    return Watch(drill.id, state, drill.started_at, ends_at, drill.speed, bool(drill.named_at), said, outcome)


def as_json(it: Watch) -> dict[str, Any]:
    """The same for scripts; `kind` and the score are there when it is over."""
    told: dict[str, Any] = {
        "id": it.number,
        "state": it.state,
        "started_at": _iso(it.started_at),
        "ended_at" if it.over else "ends_at": _iso(it.ends_at),
        "named": it.named,
        "guesses": [{"guess": each.guess, "right": each.right} for each in it.guesses],
    }
    if it.outcome is None:
        return told | {"choices": [kind for kind, _ in it.open_choices]}
    over = it.outcome
    score = {"points": over.points, "of": over.of}
    return told | {"kind": over.kind, "how": over.how, "mended_after_s": over.mended_after_s, "score": score}


def history(sandbox: str | None) -> Sequence[Watch]:
    """All drills of a reader that are over, the newest first."""
    return [of(drill) for drill in reversed(drills.of_sandbox(sandbox))] if sandbox else []


def _outcome(drill: Drill) -> Outcome:
    points = scores.of(drill).points
    named = drill.named_at is not None
    return Outcome(drill.kind, WORDS[drill.kind].name, drill.how or "", named, drill.mended_after_s, points)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
