"""Schedules of the checker as scripts to be played: which there are, how far one is, and what its moves are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workers.idempotency import interleavings
from workers.idempotency.interleavings import Move, Schedule

LEASE_ENDS = "lease ends"
WORDS = {
    "check": "looks whether the key is marked",
    "claim": "claims the key",
    "in": "sends the e-mail",
    "mark": "marks the key",
    "ack": "acknowledges",
    "crash": "is killed",
    LEASE_ENDS: "’s claim runs out",
}
SHORT = {"check": "looks", "claim": "claims", "in": "sends", "mark": "marks", "ack": "acknowledges"} | {
    "crash": "is killed",
    LEASE_ENDS: "’s claim ends",
}
OUTCOMES = {"right": ("done", "once"), "repeated": ("duplicate", "twice"), "lost": ("dead", "lost")}


@dataclass(frozen=True)
class Script:
    """A schedule while it is played; `at` is the place of its next move, None when something else was done."""

    schedule: Schedule
    at: int | None = 0

    @property
    def moves(self) -> tuple[Move, ...]:
        return self.schedule.moves

    @property
    def next(self) -> Move | None:
        return self.moves[self.at] if self.at is not None and self.at < len(self.moves) else None

    @property
    def rest(self) -> tuple[Move, ...]:
        return self.moves[self.at :] if self.at is not None else ()


def find(strategy: str, key: str, name: str) -> Schedule | None:
    """The schedule that a run is to be played by: "counter", or the number of one without a crash."""
    if name == "counter":
        return interleavings.counter_example(strategy, key)
    all_of_them = interleavings.schedules(strategy, key) if name.isdecimal() else []
    return all_of_them[int(name)] if name.isdecimal() and int(name) < len(all_of_them) else None


def follow(schedule: Schedule, made: Sequence[Move]) -> Script:
    """How far a script is, when these moves were made; of the end of a claim nobody tells."""
    at = 0
    for move in made:
        while at < len(schedule.moves) and schedule.moves[at][1] == LEASE_ENDS:
            at += 1
        if at >= len(schedule.moves) or schedule.moves[at] != move:
            return Script(schedule, None)
        at += 1
    return Script(schedule, at)


def said(move: Move, words: dict[str, str] = WORDS) -> str:
    letter, what = move
    return f"{letter}{words[what]}" if what == LEASE_ENDS else f"{letter} {words[what]}"


def short(move: Move) -> str:
    return said(move, SHORT)
