"""The first lab of lesson 7: a thousand small messages a second, and the answers to them, singly and together."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from lessons import access, requests
from lessons.labs import flood_runs
from lessons.labs.evidence import Evidence
from lessons.labs.flood_runs import Bench
from lessons.labs.ticket_benches import check_idle
from workers import floods, sandboxes

TEMPLATE = "labs/_flood.html"
WORKERS = (1, 2, 5, 10)
LIMITS = (20, 100, 500)
SHARES = (0, 0.1)
PER_SECOND, SECONDS = 1000, 8
# How payments come beside the flood: a few, or as many as one worker can do, and more.
PAYMENTS = {"few": (5, floods.Manner(small=1)), "rush": (150, floods.IN_TENS)}
SHED_AFTER_S = 3
CLEARED_BY = 10

Answer = Literal["reject", "prioritise", "shed"]


def _choice(value: Any, choices: tuple[Any, ...]) -> Any:
    if value not in choices:
        raise ValueError("not one of the choices")
    return value


class RunForm(requests.Form):
    """How many workers there are, and what is done about the flood; any answers go together."""

    many = ("answers",)

    workers: Annotated[int, Field(json_schema_extra={"enum": [*WORKERS]})] = 1
    answers: Annotated[list[Answer], Field(max_length=3)] = Field(default_factory=list)
    queue_limit: Annotated[int, Field(json_schema_extra={"enum": [*LIMITS]})] = 100
    low_share: Annotated[float, Field(json_schema_extra={"enum": [*SHARES]})] = 0
    payments: Literal["few", "rush"] = "few"

    @field_validator("workers")
    @classmethod
    def _so_many(cls, workers: int) -> int:
        return int(_choice(workers, WORKERS))

    @field_validator("queue_limit")
    @classmethod
    def _so_long(cls, limit: int) -> int:
        return int(_choice(limit, LIMITS))

    @field_validator("low_share")
    @classmethod
    def _so_often(cls, share: float) -> float:
        return float(_choice(share, SHARES))

    @property
    def backpressure(self) -> str:
        chosen = [answer for answer in ("reject", "prioritise", "shed") if answer in self.answers]
        return "+".join(chosen) or "none"


class ActForm(requests.Form):
    """The button of a run that has left something behind."""

    act: Literal["clear"] = "clear"


def run(sandbox: str, wanted: RunForm) -> None:
    """Set the shop up, and let both floods come. Raises OverLimit while messages are left, or a flood goes on."""
    check_idle(sandbox, look(sandbox), ": let ten workers clear them, or wait")
    wished: dict[str, Any] = {
        "workers": wanted.workers,
        "speed": 1,
        "backpressure": wanted.backpressure,
        "queue_limit": wanted.queue_limit,
        "low_share": wanted.low_share,
        "shed_after_s": SHED_AFTER_S,
    }
    token = access.token_for(sandbox)
    sandboxes.change(sandbox, wished, by="lab")
    floods.start(sandbox, PER_SECOND, SECONDS, token, kind="analytics")
    per_second, manner = PAYMENTS[wanted.payments]
    floods.start(sandbox, per_second, SECONDS, token, kind="payments", manner=manner)


def act(sandbox: str, wanted: ActForm) -> None:
    """Let ten workers clear what is left; nothing is dropped and nobody is refused any more."""
    sandboxes.change(sandbox, {"workers": CLEARED_BY, "backpressure": "none"}, by="lab")


def look(sandbox: str | None) -> Bench:
    """The bench as it is now; without a sandbox nothing was run."""
    return flood_runs.look(sandbox, "backpressure")


def observe(sandbox: str, choice: str) -> Evidence | None:
    """When the backlog was gone, in the last run of one worker alone; None before there is one."""
    alone = [run for run in look(sandbox).runs if run.over and run.plain and run.workers == 1]
    return flood_runs.held_against(alone[-1], choice) if alone else None
