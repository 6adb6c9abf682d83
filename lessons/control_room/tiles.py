"""The control room's tiles: one number each, what it means for now, and its history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from lessons.control_room.facts import Facts
from lessons.control_room.numbers import Figures
from lessons.control_room.past import History

TITLES = {
    "depth": "Waiting",
    "oldest": "Oldest",
    "flow": "In and out",
    "workers": "Workers",
    "scheduled": "Retries due",
    "dead": "Dead letters",
    "lost": "Lost",
    "duplicated": "Duplicated",
}
SPARKS = {"oldest": ("age",), "flow": ("in", "out"), "workers": ("busy",)}


@dataclass(frozen=True)
class Tile:
    """One number; an age grows by itself, so what makes one is its beginning, not how old it was when it was read."""

    value: str = ""
    unit: str = ""
    note: str = ""
    since_ms: int | None = None
    age_s: float = field(default=0.0, compare=False, repr=False)
    bad: bool = False


@dataclass(frozen=True)
class Line:
    """One line of a tile's history; `key` says which colour it has."""

    key: str
    path: str
    words: str


def tiles(facts: Facts) -> dict[str, Tile]:
    """All tiles by name, in the order in which they stand."""
    if facts.figures is None:
        return dict.fromkeys(TITLES, Tile("–", note="was not measured"))
    first = {"depth": _depth(facts.figures, facts.history), "oldest": _oldest(facts.figures.oldest_at, facts)}
    return first | {name: make(facts.figures) for name, make in _MAKERS.items()}


def sparks(facts: Facts) -> dict[str, tuple[Line, ...]]:
    """The histories of all tiles by name; they change less often than the numbers, and so are sent apart."""
    drawn = facts.history.sparks
    return {
        tile: tuple(Line(key, drawn[key].path, drawn[key].words) for key in SPARKS.get(tile, (tile,)))
        for tile in TITLES
    }


def _depth(figures: Figures, history: History) -> Tile:
    """With the memory that they take at the broker, where that is worth a word."""
    memory = figures.memory_bytes // 100_000 * 100
    note = f"{history.forecast}; about {memory:,} kB" if memory else history.forecast
    return Tile(_count(figures.depth), "messages", note if figures.depth else "empty")


def _oldest(since: datetime | None, facts: Facts) -> Tile:
    if since is None:
        return Tile("–", note="nothing waits")
    age_s = (facts.at - since).total_seconds()
    return Tile(unit="s", since_ms=_ms(since), age_s=age_s) if facts.live else Tile(f"{age_s:.1f}", "s")


def _flow(it: Figures) -> Tile:
    return Tile(f"{it.in_per_s:.1f} / {it.out_per_s:.1f}", "a second")


def _workers(it: Figures) -> Tile:
    return Tile(f"{it.busy} of {it.alive}", "busy", note="" if it.alive else "nobody is at work")


def _scheduled(it: Figures) -> Tile:
    return Tile(
        _count(it.scheduled), note="wait for their next try" if it.scheduled else "nothing has to be tried again"
    )


def _dead(it: Figures) -> Tile:
    return Tile(_count(it.dead), note="failed too often" if it.dead else "nothing lies aside", bad=it.dead > 0)


def _lost(it: Figures) -> Tile:
    return Tile(_count(it.lost), note="counted, not assumed", bad=it.lost > 0)


def _duplicated(it: Figures) -> Tile:
    note = "orders with an effect too many" if it.duplicated else "every effect exists once"
    return Tile(_count(it.duplicated), note=note, bad=it.duplicated > 0)


_MAKERS: dict[str, Callable[[Figures], Tile]] = {
    "flow": _flow,
    "workers": _workers,
    "scheduled": _scheduled,
    "dead": _dead,
    "lost": _lost,
    "duplicated": _duplicated,
}


def _count(number: int) -> str:
    return f"{number:,}"


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
