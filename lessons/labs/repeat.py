"""The lab of lesson 5: one message delivered twice, and a reader who says which worker takes its next action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from lessons import code, requests
from lessons.labs import deliveries, repeat_play, repeat_runs, repeat_words, scripts
from lessons.labs.evidence import Evidence
from lessons.labs.repeat_play import HELD_S, SPEED, TIME_OUT_S
from lessons.labs.repeat_runs import Choice, Counted, Run
from workers.idempotency.interleavings import Move, Schedule
from workers.idempotency.keys import KEYS
from workers.idempotency.strategies import STRATEGIES

TEMPLATE = "labs/_repeat.html"


def _a_script(name: str) -> str:
    if name not in ("free", "counter") and not (name.isascii() and name.isdecimal() and len(name) < 4):
        raise ValueError("no such script")
    return name


class RunForm(requests.Form):
    """How a repeat is treated, by which key, and what is to be played: nothing, or one of the checker's schedules."""

    strategy: Literal["off", "check_then_mark", "claim_first", "claim_with_lease", "receiver"] = "check_then_mark"
    key: Literal["order", "email_address", "random"] = "order"
    script: Annotated[str, AfterValidator(_a_script)] = "free"


class ActForm(requests.Form):
    """A button: the next action of a delivery, its death, the script's next move or all of them, or the end of it."""

    act: Literal["step", "kill", "next", "all", "end"]
    delivery: Annotated[str, Field(pattern="^[A-Z]$")] = "A"
    moves: Annotated[int, Field(ge=0)] | None = None  # what its reader had seen made; a later press of it does nothing


@dataclass(frozen=True)
class Bench:
    """What the lab's template is given."""

    run: Run | None = None
    speed: int = SPEED
    time_out_s: int = TIME_OUT_S
    held_s: int = HELD_S
    names: dict[str, str] = field(default_factory=lambda: repeat_words.NAMES)
    key_names: dict[str, str] = field(default_factory=lambda: repeat_words.KEY_NAMES)
    outcomes: dict[str, tuple[str, str]] = field(default_factory=lambda: scripts.OUTCOMES)
    said: Callable[[Move], str] = scripts.said
    short: Callable[[Move], str] = scripts.short
    action: Callable[[str], str] = deliveries.action

    @property
    def runs(self) -> tuple[Run, ...]:
        return (self.run,) if self.run else ()

    @property
    def running(self) -> bool:
        return self.run is not None and self.run.moving

    @property
    def choice(self) -> Choice:
        return self.run.choice if self.run else Choice()

    @property
    def told(self) -> tuple[str, ...]:
        return repeat_words.told(self.run) if self.run and self.run.over else ()

    @property
    def samples(self) -> dict[str, code.CodeSample]:
        return {name: code.sample(f"workers.idempotency.strategies:{name}") for name in STRATEGIES}

    @property
    def key_samples(self) -> dict[str, code.CodeSample]:
        return {name: code.sample(f"workers.idempotency.keys:{name}") for name in KEYS}

    @cached_property
    def schedules(self) -> list[Schedule]:
        return repeat_runs.without_a_crash(self.choice)

    @cached_property
    def counted(self) -> tuple[Counted, ...]:
        return repeat_runs.counted(self.choice.key)

    @property
    def version(self) -> str:
        if self.run is None:
            return ""
        last = self.run.record[-1].sequence if self.run.record else 0
        return f"{self.run.choice.encode()}-{last}-{self.run.over:d}" + (
            f"-{self.run.now.timestamp():.1f}" if self.running else ""
        )


def look(sandbox: str | None) -> Bench:
    """The bench as it is now; without a sandbox nothing was run."""
    return Bench(repeat_runs.newest(sandbox) if sandbox else None)


def run(sandbox: str, wanted: RunForm) -> None:
    """Begin a run. Raises OverLimit, HouseFull and StepUnavailable."""
    repeat_play.begin(sandbox, Choice(wanted.strategy, wanted.key, wanted.script))


def act(sandbox: str, wanted: ActForm) -> None:
    """Press a button. Raises NobodyStands, NoHold and NoSuchWorker when there is nothing to be moved."""
    repeat_play.press(sandbox, wanted.act, wanted.delivery, wanted.moves)


def observe(sandbox: str, choice: str) -> Evidence | None:
    """How many e-mails arrived in all; None before the run is over."""
    newest = repeat_runs.newest(sandbox)
    return held_against(newest, choice) if newest and newest.over else None


def held_against(run: Run, choice: str) -> Evidence:
    """The reader's choice beside the inbox: "none", "one" or "more" e-mails."""
    arrived = sum(verdict.emails for verdict in run.verdicts)
    holds_true = ("none", "one", "more")[min(arrived, 2)]
    orders = " and ".join(f"{verdict.emails} about order {verdict.order}" for verdict in run.verdicts)
    return Evidence(choice == holds_true, f"The mail server has {orders}. {' '.join(repeat_words.told(run)[-1:])}")
