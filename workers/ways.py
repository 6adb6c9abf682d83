"""How some steps are done in a sandbox, by its settings: which limits hold, and who may refuse before they begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from workers import breaker
from workers.shop import partner

PATIENT_S = 15  # the setting's default, and its most: then the client waits for so many real seconds


def _may_begin() -> None:
    """Nobody refuses."""


@dataclass(frozen=True)
class Way:
    """What a step's effect is told beside its order, and what is asked before its time begins to pass."""

    more: Mapping[str, Any] = field(default_factory=dict)
    look: Callable[[], None] = _may_begin


PLAIN = Way()
Ways = Mapping[str, Way]  # by the name of the step


def of(sandbox: str, settings: Mapping[str, Any], in_worker: bool) -> Ways:
    """The ways of a request, or of a worker: only a worker draws with what can end its process."""
    webhook: dict[str, Any] = {"timeout_s": timeout_s(settings)}
    look = _may_begin
    if settings["circuit_breaker"]:
        webhook["guard"] = partial(breaker.guarded, sandbox)
        look = partial(breaker.look, sandbox)
    ways = {"webhook": Way(webhook, look)}
    return ways | {"pdf": Way({"with_native_code": True})} if in_worker else ways


def timeout_s(settings: Mapping[str, Any]) -> float:
    """How long the partner's client waits, in real seconds: seconds of the story, as the padded steps are."""
    seconds = int(settings["webhook_timeout_s"])
    # Who sets no limit is not to meet one because the machine is busy.
    return partner.TIMEOUT_S if seconds >= PATIENT_S else seconds / float(settings["speed"])
