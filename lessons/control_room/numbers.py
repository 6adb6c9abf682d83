"""The numbers of the control room's tiles, from a snapshot or from what was measured earlier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from workers.snapshot import Snapshot
from workers.watch import timeline
from workers.watch.timeline import Sample


@dataclass(frozen=True)
class Figures:
    """The numbers of the tiles."""

    depth: int = 0
    oldest_at: datetime | None = None
    in_per_s: float = 0.0
    out_per_s: float = 0.0
    busy: int = 0
    alive: int = 0
    scheduled: int = 0
    dead: int = 0
    lost: int = 0
    duplicated: int = 0
    memory_bytes: int = 0  # what waits takes at the broker, estimated


def of_snapshot(snapshot: Snapshot) -> Figures:
    """As they are now."""
    alive = [worker for worker in snapshot.workers if worker.alive]
    ledger = snapshot.ledger
    return Figures(
        depth=snapshot.depth,
        oldest_at=snapshot.oldest_at,
        in_per_s=snapshot.in_per_s,
        out_per_s=snapshot.out_per_s,
        busy=sum(worker.state == "busy" for worker in alive),
        alive=len(alive),
        scheduled=ledger.scheduled,
        dead=snapshot.dead_letters,
        lost=ledger.lost,
        duplicated=ledger.duplicated,
        memory_bytes=snapshot.memory_bytes,
    )


def of_series(series: Sequence[Sample], second: int) -> Figures | None:
    """As the last sample before that second has them; None where nothing was measured."""
    if not series or second - series[-1].second > timeline.LONGEST_HOLE_S:
        return None
    last = series[-1]
    came_in, went_out = timeline.rates(series)
    return Figures(
        depth=last.depth,
        oldest_at=None if last.oldest_age_s is None else last.at - timedelta(seconds=last.oldest_age_s),
        in_per_s=came_in,
        out_per_s=went_out,
        busy=last.busy,
        alive=last.alive,
        scheduled=last.scheduled,
        dead=last.dead,
        lost=last.lost,
        duplicated=last.duplicated,
        memory_bytes=last.memory_bytes,
    )
