"""What the control room knows of a sandbox at one moment: now, earlier, or when somebody shared it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from lessons.control_room.numbers import Figures
from lessons.control_room.past import History
from lessons.drills import Watch
from workers.drills.paces import Pace
from workers.ongoing import Ongoing
from workers.snapshot import Ledger, WorkerView


@dataclass(frozen=True)
class Crew:
    """The workers, how many of them are wished for, and how many there may be."""

    workers: tuple[WorkerView, ...]
    wished: int | None  # in a drill it is not told
    cap: int
    supervised: bool  # somebody looks at their processes


@dataclass(frozen=True)
class Told:
    """An alert: its rule by name, when it fired, and when that was over."""

    rule: str
    fired_at: datetime
    resolved_at: datetime | None = None


@dataclass(frozen=True)
class DeadKind:
    """Dead letters with the same kind of error."""

    name: str
    count: int
    first_seen: datetime
    last_seen: datetime
    sample: str


@dataclass(frozen=True)
class Facts:
    """One sandbox at one moment; of the past, the ledger and the workers are not known."""

    at: datetime
    figures: Figures | None  # None where nothing was measured
    history: History
    ledger: Ledger | None = None
    crew: Crew | None = None
    ongoing: tuple[Ongoing, ...] = ()
    alerts: tuple[Told, ...] = ()
    dead: tuple[DeadKind, ...] = ()
    an_order: int | None = None  # the latest whose message was taken: one that can be delivered again
    live: bool = True  # it goes on, and can be acted on
    drill: Watch | None = None  # the newest one, if there was one; its score is nobody else's business
    paces: tuple[Pace, ...] = ()  # in a drill: how the steps go
    version: int = 0  # of the record when it was last looked for acts
    looked: int = 0  # the second at which that was
    sandbox: str = ""  # whose it is, for links; who was sent a view is not told


_AS_JSON: TypeAdapter[Facts] = TypeAdapter(Facts)
_NOT_TOLD = {"version", "looked", "sandbox", "drill"}


def as_json(facts: Facts) -> dict[str, Any]:
    return dict(_AS_JSON.dump_python(facts, mode="json", exclude=_NOT_TOLD))


def from_json(content: dict[str, Any]) -> Facts:
    kept = _AS_JSON.validate_python(content)
    return replace(kept, live=False, history=replace(kept.history, live=False))
