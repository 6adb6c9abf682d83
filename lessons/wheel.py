"""The kitchen card's view of a snapshot: workers with their progress, and whom the kill button would hit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workers.checkout import LATER, STEPS
from workers.snapshot import Snapshot, WorkerView
from workers.trades import LABELS


@dataclass(frozen=True)
class Cell:
    """One step of a message, as a cell of its worker's bar; `part` of it is done, from 0 to 1."""

    label: str
    part: float


@dataclass(frozen=True)
class WorkerCard:
    """One worker with what it does, in words and as a bar of seven cells."""

    worker: WorkerView
    step: str | None  # the step's label
    place: int  # 1 … 7, 0 when it holds nothing
    cells: tuple[Cell, ...]
    step_s: float
    back_in_s: float | None


@dataclass(frozen=True)
class Kitchen:
    """What the kitchen card shows beside the snapshot itself."""

    workers: tuple[WorkerCard, ...]
    alive: int
    down: int
    victim: str | None
    more_waiting: int


def kitchen(snapshot: Snapshot, now: datetime) -> Kitchen:
    """The kitchen at `now`, for one sandbox."""
    speed = float(str(snapshot.settings.get("speed", 1)))
    alive = [worker for worker in snapshot.workers if worker.alive]
    busy = [worker for worker in alive if worker.state == "busy"]
    return Kitchen(
        workers=tuple(_card(worker, speed, now) for worker in snapshot.workers),
        alive=len(alive),
        down=len(snapshot.workers) - len(alive),
        victim=next((worker.name for worker in (*busy, *alive)), None),
        more_waiting=max(0, snapshot.depth - len(snapshot.waiting)),
    )


def _card(worker: WorkerView, speed: float, now: datetime) -> WorkerCard:
    names = [step.name for step in LATER]
    place = names.index(worker.step) + 1 if worker.step in names else 0
    step = next((step for step in STEPS if step.name == worker.step), None)
    seconds = step.seconds / speed if step else 0.0
    gone = _gone(worker, now)
    cells = tuple(Cell(each.label, _part(i + 1, place, gone, seconds)) for i, each in enumerate(LATER))
    back = max(0.0, (worker.back_at - now).total_seconds()) if worker.back_at else None
    return WorkerCard(worker, LABELS.get(worker.step or ""), place, cells, seconds, back)


def _gone(worker: WorkerView, now: datetime) -> float:
    """Seconds since the step began; it stopped when its worker died, or was frozen."""
    until = worker.since if worker.state in ("dead", "frozen") else now
    return (until - worker.step_since).total_seconds() if worker.step_since else 0.0


def _part(cell: int, place: int, gone: float, seconds: float) -> float:
    if cell == place:
        return round(min(1.0, max(0.0, gone / seconds)), 3) if seconds else 1.0
    return 1.0 if cell < place else 0.0
