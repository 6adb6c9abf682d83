"""The runs of a lab as scripts are shown them: plain figures, in seconds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lessons.labs import crowd, designed, scale, tried

Run = crowd.Run | designed.Run | scale.Run | tried.Run


def as_json(run: Run) -> dict[str, Any]:
    """What was run, and what was measured."""
    if isinstance(run, crowd.Run):
        return asdict(run) | {"longest": run.longest, "median": run.median, "answered": run.answered}
    if isinstance(run, tried.Run):
        return run.as_json()
    if isinstance(run, scale.Run):
        return asdict(run) | {"done": run.done, "each": run.each}
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
