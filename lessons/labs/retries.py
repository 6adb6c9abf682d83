"""The lab of lesson 6: work that fails and is tried again, one message or fifty, and what the partner sees of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from lessons import requests
from lessons.labs import runs_of_retries
from lessons.labs.evidence import Evidence
from lessons.labs.runs_of_retries import Mark
from lessons.labs.scene import PLAIN
from lessons.labs.tried import BACKOFF_WORDS, Plan, Run
from workers import batches, dead_letters, events, limits, mischief, outages, repairs, replays, sandboxes
from workers.backoff import FIXED_S
from workers.breaker import FAILURES, OPEN_S
from workers.chosen import Chosen
from workers.dead_letters import OpenLetter
from workers.errors import OverLimit, UnknownLetter

TEMPLATE = "labs/_retries.html"
SPEED, WORKERS, DEATHS, TIMEOUT_S = 10, 10, 3, 3
SECONDS, MESSAGES, ATTEMPTS = (5, 15), (1, 50), (3, 5, 10)
LETTERS_SHOWN = 3
FEW, MANY = 15, 30  # calls in one second


def _one_of(known: tuple[int, ...]) -> Any:
    def check(value: int) -> int:
        if value not in known:
            raise ValueError("not one of the choices")
        return value

    return AfterValidator(check)


class RunForm(requests.Form):
    """Who is in trouble and for how long, how many messages there are, and how they are tried again."""

    trouble: Literal["down", "flaky", "slow", "poison", "deadly"] = "down"
    seconds: Annotated[int, _one_of(SECONDS), Field(json_schema_extra={"enum": [*SECONDS]})] = 15
    messages: Annotated[int, _one_of(MESSAGES), Field(json_schema_extra={"enum": [*MESSAGES]})] = 50
    attempts: Annotated[int, _one_of(ATTEMPTS), Field(json_schema_extra={"enum": [*ATTEMPTS]})] = 10
    backoff: Literal["none", "fixed", "exponential", "exponential_jitter"] = "fixed"
    circuit_breaker: bool = False
    idempotency: Literal["off", "receiver"] = "off"


class ActForm(requests.Form):
    """What a person does with the dead letters of the last run."""

    act: Literal["repair", "replay", "replay_all"]
    message: Annotated[str | None, Field(max_length=60, validate_default=True)] = None
    email: Annotated[str | None, Field(pattern=requests.EMAIL, max_length=100, validate_default=True)] = None

    @field_validator("message", "email")
    @classmethod
    def _said_where_needed(cls, value: str | None, info: ValidationInfo) -> str | None:
        needed = {"repair": ("message", "email"), "replay": ("message",)}.get(info.data.get("act", ""), ())
        if value is None and info.field_name in needed:
            raise ValueError("is needed for this act")
        return value


@dataclass(frozen=True)
class Bench:
    """What the lab's template is given: the last runs, the newest first, and the letters of the newest."""

    runs: tuple[Run, ...] = ()
    version: str = ""
    letters: tuple[OpenLetter, ...] = ()
    emails: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, tuple[Any, ...]] = field(
        default_factory=lambda: {
            "trouble": get_args(RunForm.model_fields["trouble"].annotation),
            "seconds": SECONDS,
            "messages": MESSAGES,
            "attempts": ATTEMPTS,
            "backoff": get_args(RunForm.model_fields["backoff"].annotation),
        }
    )
    backoffs: Mapping[str, str] = field(default_factory=lambda: BACKOFF_WORDS)
    speed: int = SPEED
    workers: int = WORKERS
    deaths: int = DEATHS
    timeout_s: float = TIMEOUT_S / SPEED
    slow_s: float = outages.SLOW_S / SPEED
    failures: int = FAILURES
    open_s: float = OPEN_S
    fixed_s: float = FIXED_S

    @property
    def running(self) -> bool:
        return bool(self.runs) and not self.runs[0].over

    @property
    def newest(self) -> Run | None:
        return self.runs[0] if self.runs else None

    @property
    def plan(self) -> Plan:
        """What the form shows: the choices of the last run."""
        return self.runs[0].plan if self.runs else Plan()


def run(sandbox: str, wanted: RunForm) -> None:
    """Break what is to be broken, and put the messages on the queue. Raises OverLimit while a run goes on."""
    limits.check_chaos(sandbox)
    if look(sandbox).running:
        raise OverLimit("runs at a time", 1, "wait until every message of the one that runs is done or put aside")
    after = events.newest([sandbox]).get(sandbox, 0)
    plan = Plan(**wanted.model_dump())
    sandboxes.change(sandbox, _settings(plan), by="lab")
    if plan.at_the_partner:
        messages = batches.prepare(sandbox, plan.messages)
        first = messages[0].order
        outages.start(sandbox, plan.trouble, plan.seconds)
        batches.send(messages)
    else:
        kind = "error" if plan.trouble == "poison" else "deadly"
        first = mischief.place_poison(sandbox, time.monotonic(), kind).order.number
    runs_of_retries.keep(sandbox, Mark(after, first, plan))


def look(sandbox: str | None) -> Bench:
    """The bench as it is now; without a sandbox nothing was run."""
    runs = runs_of_retries.newest(sandbox) if sandbox else ()
    if sandbox is None or not runs:
        return Bench()
    letters = _letters(sandbox, runs[0])
    emails = {letter.message: repairs.email_of(letter, sandbox) for letter in letters}
    seen = [f"{run.plan.words}.{run.tries}.{run.done}.{len(run.dead)}.{len(run.replays)}" for run in runs]
    going_on = [] if runs[0].over else [f"{runs[0].until:.1f}"]
    return Bench(runs, "-".join([*seen, *emails.values(), *going_on]), letters, emails)


def act(sandbox: str, wanted: ActForm) -> None:
    """Repair or replay a dead letter of the last run, or replay all of them. Raises UnknownLetter."""
    newest = look(sandbox).newest
    named = {row.message for row in newest.dead} if newest else set()
    if wanted.act == "replay_all":
        replays.replay(sandbox, Chosen(messages=tuple(named)))
        return
    if wanted.message not in named:
        raise UnknownLetter("The last run has no such dead letter; it may have been replayed or deleted.")
    if wanted.act == "repair":
        repairs.correct_email(sandbox, wanted.message, wanted.email or "")
    else:
        replays.replay(sandbox, Chosen(messages=(wanted.message,)))


def observe(sandbox: str, choice: str) -> Evidence | None:
    """How many calls came at once when the partner was back; None before a run of fifty in which it was down."""
    runs = [run for run in look(sandbox).runs if run.over and run.plan.trouble == "down" and run.plan.messages > 1]
    known = next((run for run in runs if run.back is not None), None)
    return held_against(known, choice) if known else None


def held_against(run: Run, choice: str) -> Evidence:
    """The reader's choice beside the partner's own list: "few", "some" or "herd" in its busiest second."""
    calls = run.herd_after or 0
    holds = "few" if calls < FEW else "some" if calls < MANY else "herd"
    return Evidence(
        choice == holds,
        f"With {run.plan.words}, {len(run.herd.at)} calls reached the partner, {run.calls_while_down} of them while it "
        f"was down. It was back after {run.back:.1f}\u00a0s, and {calls or 'none'} came in its busiest second after "
        f"that. {run.done} of {len(run.rows)} messages were done and {len(run.dead)} put aside "
        f"after {run.took:.1f}\u00a0s.",
    )


def _settings(plan: Plan) -> dict[str, Any]:
    return PLAIN | {
        "workers": WORKERS,
        "speed": SPEED,
        "visibility_timeout_s": 2,
        "attempts": plan.attempts,
        "deaths": DEATHS,
        "backoff": plan.backoff,
        "circuit_breaker": plan.circuit_breaker,
        "idempotency": plan.idempotency,
        "webhook_timeout_s": TIMEOUT_S if plan.trouble == "slow" else sandboxes.DEFAULTS["webhook_timeout_s"],
        "partner": "up",
    }


def _letters(sandbox: str, run: Run) -> tuple[OpenLetter, ...]:
    """The first few of its dead letters that are still there."""
    found = []
    for row in run.dead[:LETTERS_SHOWN]:
        try:
            found.append(dead_letters.find(sandbox, row.message))
        except UnknownLetter:
            continue
    return tuple(found)
