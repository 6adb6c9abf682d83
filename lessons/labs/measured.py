"""The runs of a lab as scripts are shown them: plain figures, in seconds."""

from __future__ import annotations

from dataclasses import asdict
from functools import singledispatch
from typing import Any

from lessons import drills
from lessons.drills import Watch
from lessons.labs import (
    cache_runs,
    crowd,
    designed,
    flood_runs,
    handed,
    narrow,
    pool_runs,
    repeat_runs,
    repeat_words,
    scale,
    trial_runs,
    trial_words,
    tried,
    wall,
)


@singledispatch
def as_json(run: Any) -> dict[str, Any]:
    """What was run, and what was measured; each kind of run says it in its own way below."""
    return asdict(run)


@as_json.register
def _crowd(run: crowd.Run) -> dict[str, Any]:
    return asdict(run) | {"longest": run.longest, "median": run.median, "answered": run.answered}


@as_json.register
def _design(run: designed.Run) -> dict[str, Any]:
    design = {"later": list(run.design.later), "card": run.design.card}
    told = {"did": [consequence.text for consequence in run.consequences]}
    return {"order": run.order, **design, "outcome": run.outcome, "waited_s": run.waited_s, "over": run.over, **told}


@as_json.register
def _scale(run: scale.Run) -> dict[str, Any]:
    return asdict(run) | {"done": run.done, "each": run.each}


@as_json.register
def _pool(run: pool_runs.Run) -> dict[str, Any]:
    return asdict(run) | {"rate": run.rate, "median": run.median, "longest": run.longest}


@as_json.register
def _visits(run: cache_runs.Run) -> dict[str, Any]:
    counted = {name: getattr(run, name) for name in cache_runs.COUNTED}
    return {"cache": run.cache, "over": run.over, "visits": [asdict(visit) for visit in run.visits]} | counted


as_json.register(Watch, drills.as_json)
as_json.register(flood_runs.Run, flood_runs.as_json)
as_json.register(narrow.Run, narrow.as_json)
as_json.register(wall.Run, wall.as_json)
as_json.register(tried.Run, tried.Run.as_json)


@as_json.register
def _trial(run: trial_runs.Run) -> dict[str, Any]:
    chosen = {name: value for name, value in asdict(run.trial).items() if name != "key"}
    counted = {"effects": dict(run.verdict.times), "lost": run.lost, "complete_s": run.complete_s}
    return {**chosen, "over": run.over, **counted, "told": list(trial_words.told(run))}


@as_json.register
def _repeat(run: repeat_runs.Run) -> dict[str, Any]:
    script = run.script
    return {
        **asdict(run.choice),
        "over": run.over,
        "hands": [asdict(hand) for hand in run.table.hands],
        "moves": [list(move) for move in run.table.moves],
        "script": [list(move) for move in script.moves] if script else None,
        "effects": {str(verdict.order): dict(verdict.times) for verdict in run.verdicts},
        "told": list(repeat_words.told(run)) if run.over else [],
    }


@as_json.register
def _handed(run: handed.Handed) -> dict[str, Any]:
    left = {"has_order": run.has_order, "has_message": run.has_message, "complete": run.complete, "over": run.over}
    chosen = {"order": run.order, "handover": run.handover, "scene": run.scene}
    return {**chosen, **left, "effects": dict(run.verdict.times), "told": list(handed.told(run))}
