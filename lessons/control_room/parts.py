"""The control room as sections: what each of them is drawn from, computed from the facts."""

from __future__ import annotations

from typing import Any

from lessons.charts.drawing import Drawing
from lessons.control_room import alarms, hands, tiles
from lessons.control_room.facts import Crew, Facts
from lessons.control_room.views import Again, DeadView, DrillView, Force, Hire, LedgerView, Paces, WorkersView


def sections(facts: Facts) -> dict[str, Any]:
    """What each section of the page is drawn from, in the order of the page; equal views look the same."""
    found: dict[str, Any] = {"spoken": alarms.spoken(facts), "badge": alarms.badge(facts)}
    found |= {f"tile-{name}": tile for name, tile in tiles.tiles(facts).items()}
    found |= {f"spark-{name}": lines for name, lines in tiles.sparks(facts).items()}
    if facts.live:
        found |= {"drill": DrillView(facts.drill, facts.sandbox, facts.at), "paces": Paces(facts.paces)}
        found |= {"force": Force(facts.ongoing, facts.at), "again": Again(facts.an_order)}
    found["alerts"] = alarms.alerts(facts)
    if facts.ledger:
        found["dead"] = DeadView(facts.dead, facts.figures.dead if facts.figures else 0, facts.sandbox)
    found |= _of_the_charts(facts.history.drawing)
    if facts.ledger:
        found["ledger"] = LedgerView(facts.ledger)
    if facts.crew:
        crew = facts.crew
        found["workers"] = WorkersView(hands.hands(crew.workers, crew.supervised, facts.at), facts.live, facts.at)
        if facts.live:
            # Apart, as the list is large: it may come a poll later than the tile that tells their number.
            found["hire"] = Hire(_wished(crew), crew.cap)
    return found


def _of_the_charts(drawn: Drawing) -> dict[str, Any]:
    """What of them changes apart, by the names that they have in _chart.html."""
    found: dict[str, Any] = {"forecast": drawn.forecast, "labels": drawn.labels, "times": drawn.times}
    found |= {f"past-{past.id}": past for past in drawn.past}
    for chart in drawn.charts:
        found |= {f"values-{chart.id}": chart.values, f"plot-{chart.id}": chart.plot}
    return found | {"acts": drawn.done, "table": drawn.table}


def _wished(crew: Crew) -> int:
    """How many workers there are to be, or, where that is not told, how many there are."""
    here = sum(worker.alive and not worker.leaving for worker in crew.workers)
    return here if crew.wished is None else crew.wished
