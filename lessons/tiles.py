"""The control room's tiles: one number each, with its history, and how it is read aloud."""

from __future__ import annotations

from dataclasses import dataclass, field

from workers.snapshot import Snapshot


@dataclass(frozen=True)
class Tile:
    """One number; an age grows by itself, so what makes one is its beginning, not how old it was when it was read."""

    name: str
    title: str
    value: str
    unit: str = ""
    note: str = ""
    tone: str = "waiting"
    since_ms: int | None = None
    age_s: float = field(default=0.0, compare=False, repr=False)
    bad: bool = False


TITLES = {
    "depth": "Waiting",
    "oldest": "Oldest",
    "flow": "In and out",
    "workers": "Workers",
    "scheduled": "Retries due",
    "dead": "Dead letters",
    "lost": "Lost",
    "duplicated": "Duplicated",
}


def tiles(snapshot: Snapshot) -> tuple[Tile, ...]:
    """All tiles of a sandbox as it is now, in the order in which they stand."""
    return (
        Tile("depth", TITLES["depth"], f"{snapshot.depth:,}", "messages"),
        _oldest(snapshot),
        Tile("flow", TITLES["flow"], f"{_rate(snapshot.in_per_s)} / {_rate(snapshot.out_per_s)}", "a second"),
        _workers(snapshot),
        Tile("scheduled", TITLES["scheduled"], f"{snapshot.ledger.scheduled:,}", tone="retrying"),
        Tile("dead", TITLES["dead"], f"{snapshot.ledger.dead:,}", tone="dead", bad=snapshot.ledger.dead > 0),
        _lost(snapshot),
        _duplicated(snapshot),
    )


def _oldest(snapshot: Snapshot) -> Tile:
    if snapshot.oldest_at is None:
        return Tile("oldest", TITLES["oldest"], "–", note="nothing waits")
    since, age_s = int(snapshot.oldest_at.timestamp() * 1000), (snapshot.at - snapshot.oldest_at).total_seconds()
    return Tile("oldest", TITLES["oldest"], "", "s", since_ms=since, age_s=age_s)


def _workers(snapshot: Snapshot) -> Tile:
    alive = [worker for worker in snapshot.workers if worker.alive]
    busy = sum(worker.state == "busy" for worker in alive)
    return Tile("workers", TITLES["workers"], f"{busy} of {len(alive)}", "busy", tone="running")


def _lost(snapshot: Snapshot) -> Tile:
    lost = snapshot.ledger.lost
    return Tile("lost", TITLES["lost"], f"{lost:,}", note="counted, not assumed", tone="done", bad=lost > 0)


def _duplicated(snapshot: Snapshot) -> Tile:
    twice = snapshot.ledger.duplicated
    note = "something of an order happened twice" if twice else "every effect exists once"
    return Tile("duplicated", TITLES["duplicated"], f"{twice:,}", note=note, tone="duplicate", bad=twice > 0)


def _rate(per_second: float) -> str:
    return f"{per_second:.1f}"
