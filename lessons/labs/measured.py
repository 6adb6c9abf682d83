"""The runs of a lab as scripts are shown them: plain figures, in seconds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lessons import drills
from lessons.drills import Watch
from lessons.labs import (
    cache_runs,
    crowd,
    designed,
    handed,
    pool_runs,
    repeat_runs,
    repeat_words,
    rushes,
    scale,
    trial_runs,
    trial_words,
)

AnOrder = designed.Run | handed.Handed | repeat_runs.Run | trial_runs.Run
Run = AnOrder | cache_runs.Run | crowd.Run | pool_runs.Run | rushes.Rush | scale.Run | Watch


def as_json(run: Run) -> dict[str, Any]:
    """What was run, and what was measured."""
    if isinstance(run, crowd.Run):
        return asdict(run) | {"longest": run.longest, "median": run.median, "answered": run.answered}
    if isinstance(run, cache_runs.Run):
        counted = {name: getattr(run, name) for name in cache_runs.COUNTED}
        return {"cache": run.cache, "over": run.over, "visits": [asdict(visit) for visit in run.visits]} | counted
    if isinstance(run, pool_runs.Run):
        return asdict(run) | {"rate": run.rate, "median": run.median, "longest": run.longest}
    if isinstance(run, Watch):
        return drills.as_json(run)
    if isinstance(run, scale.Run):
        return asdict(run) | {"done": run.done, "each": run.each}
    if isinstance(run, trial_runs.Run):
        return _trial(run)
    if isinstance(run, rushes.Rush):
        return asdict(run)
    if isinstance(run, handed.Handed):
        return _handed(run)
    if isinstance(run, repeat_runs.Run):
        return _repeat(run)
    design = {"later": list(run.design.later), "card": run.design.card}
    did = [consequence.text for consequence in run.consequences]
    return {
        "order": run.order,
        **design,
        "outcome": run.outcome,
        "waited_s": run.waited_s,
        "over": run.over,
        "did": did,
    }


def _trial(run: trial_runs.Run) -> dict[str, Any]:
    chosen = {name: value for name, value in asdict(run.trial).items() if name != "key"}
    counted = {"effects": dict(run.verdict.times), "lost": run.lost, "complete_s": run.complete_s}
    return {**chosen, "over": run.over, **counted, "told": list(trial_words.told(run))}


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


def _handed(run: handed.Handed) -> dict[str, Any]:
    left = {"has_order": run.has_order, "has_message": run.has_message, "complete": run.complete, "over": run.over}
    chosen = {"order": run.order, "handover": run.handover, "scene": run.scene}
    return {**chosen, **left, "effects": dict(run.verdict.times), "told": list(handed.told(run))}
