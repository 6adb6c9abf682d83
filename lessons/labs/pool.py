"""The lab of lesson 8: the same orders for so many workers, who share so many database connections."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from lessons import access, requests
from lessons.labs.evidence import Evidence
from lessons.labs.pool_runs import AT_MOST, HELD_S, JOB_S, ORDERS, POOLS, SPEED, TO_COMPARE, WORKERS, Bench, Run, read
from lessons.labs.record import from_flood
from lessons.labs.scene import PLAIN
from workers import commitments, events, floods, limits, sandboxes
from workers.database import utc_now
from workers.errors import OverLimit

TEMPLATE = "labs/_pool.html"
LAB = "pool-runs"
FLOOD_S = 2
KNOWN_AT_MOST = 1000


def _of_the_pools(connections: int) -> int:
    return _one_of(POOLS, connections)


def _of_the_teams(workers: int) -> int:
    return _one_of(WORKERS, workers)


class RunForm(requests.Form):
    """How many connections there are, and how many workers share them."""

    connections: Annotated[int, AfterValidator(_of_the_pools), Field(json_schema_extra={"enum": [*POOLS]})] = 2
    workers: Annotated[int, AfterValidator(_of_the_teams), Field(json_schema_extra={"enum": [*WORKERS]})] = 4


# A run that is over stays as it was, so its record is read once and not at every poll.
_known: dict[tuple[str, int], Run] = {}


def run(sandbox: str, wanted: RunForm) -> None:
    """Set the pool and the workers, and let the customers come. Raises OverLimit while a run or a flood goes on."""
    limits.check_chaos(sandbox)
    if look(sandbox).running:
        raise OverLimit("runs at a time", 1, f"wait until the {ORDERS} orders of the one that runs are through")
    after, before = events.newest([sandbox]).get(sandbox, 0), sandboxes.settings_of(sandbox)
    wished = PLAIN | {
        "workers": wanted.workers,
        "pool_size": wanted.connections,
        "speed": SPEED,
        "backoff": "none",
    }
    sandboxes.change(sandbox, wished, by="lab")
    try:
        floods.start(sandbox, ORDERS // FLOOD_S, FLOOD_S, access.token_for(sandbox))
    except OverLimit:
        sandboxes.change(sandbox, {name: before[name] for name in wished}, by="lab")
        raise
    commitments.commit(sandbox, LAB, f"{wanted.connections}-{wanted.workers}", str(after))


def look(sandbox: str | None) -> Bench:
    """The bench as it is now; without a sandbox nothing was run."""
    kept = commitments.of_lab(sandbox, LAB) if sandbox else {}
    if sandbox is None or not kept:
        return Bench()
    runs = sorted((_run(sandbox, kind, int(after)) for kind, after in kept.items()), key=lambda run: run.kind)
    return Bench(tuple(runs))


def observe(sandbox: str, choice: str) -> Evidence | None:
    """Which number of workers finished the most; None before three of them were tried with the same connections."""
    alike = look(sandbox).alike
    return held_against(alike, choice) if len(alike) >= TO_COMPARE else None


def held_against(alike: tuple[Run, ...], choice: str) -> Evidence:
    """The reader's choice beside runs with the same connections: the "fewest", "between" or the "most" did best."""
    best = max(alike, key=lambda run: run.rate)
    holds = "fewest" if best is alike[0] else "most" if best is alike[-1] else "between"
    told = ", ".join(f"{run.rate:.1f} with {run.workers} workers" for run in alike)
    return Evidence(choice == holds, f"Orders done a second: {told}. {_why(best, alike[-1])}")


def _why(best: Run, most: Run) -> str:
    """Little's law for these connections, and what the workers beyond it did."""
    carried, job_s = best.connections / HELD_S * SPEED, JOB_S / SPEED
    law = (
        f"Each order keeps a connection for {HELD_S / SPEED:.2f}\u00a0s, so {best.connections} of them carry at most "
        f"{carried:.1f} orders a second. At {job_s:.2f}\u00a0s an order that is work for {carried * job_s:.1f} workers."
    )
    if most is best or not most.timed_out:
        return law
    lost = f" {most.dead} orders ended as dead letters." if most.dead else ""
    return (
        f"{law} With {most.workers}, {most.timed_out} waits were in vain, and {most.failed} tries failed: "
        f"what they had done was done again.{lost}"
    )


def _run(sandbox: str, kind: str, after: int) -> Run:
    known = _known.get((sandbox, after))
    if known:
        return known
    connections, _, workers = kind.partition("-")
    run = read(int(connections), int(workers), after, list(from_flood(sandbox, after, AT_MOST)), utc_now())
    if run.over:
        if len(_known) >= KNOWN_AT_MOST:
            _known.clear()
        _known[sandbox, after] = run
    return run


def _one_of(known: tuple[int, ...], number: int) -> int:
    if number not in known:
        raise ValueError("not one of the choices")
    return number
