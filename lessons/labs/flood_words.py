"""What a run of the flood's lab says, in words and with its own figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lessons.labs.flood_runs import Run

ANSWERS = {"reject": "refusing at {limit}", "prioritise": "payments first", "shed": "dropping the old"}


def name(run: Run) -> str:
    """What distinguishes a run: its workers, its answers, and its payments where there are many."""
    workers = "1 worker" if run.workers == 1 else f"{run.workers} workers"
    said = [ANSWERS[answer].format(limit=run.choices["queue_limit"]) for answer in run.answers]
    if "prioritise" in run.answers and run.choices["low_share"]:
        said.append("a tenth for analytics")
    if run.choices["payments"] == "rush":
        said.append("a rush of payments")
    return ", ".join([workers, *said])


def words(run: Run) -> Iterator[str]:
    """Why the queue grew or did not, what each answer did, and when all was done; nothing while the flood is on."""
    if run.flooded_s is None or run.in_per_s is None or run.out_per_s is None:
        return
    yield _growth(run, run.in_per_s, run.out_per_s)
    if "reject" in run.answers:
        yield _refused(run)
    if "shed" in run.answers:
        yield _shed(run)
    yield from _waits(run)
    if run.drained_s is not None:
        yield _drain(run, run.drained_s)


def _growth(run: Run, came_in: float, went_out: float) -> str:
    told = f"{came_in:,.0f} messages a second were accepted, and {_workers(run)} did {went_out:,.0f} a second. "
    growth = came_in - went_out - run.analytics.shed / (run.flooded_s or 1)
    memory = f"{run.most_waiting:,} messages, which took {run.memory / 1000:,.0f} kB at the broker"
    if run.most_waiting < came_in / 2:
        return f"{told}So hardly anything was left: at most {run.most_waiting:,} messages waited."
    if growth < 0.1 * came_in:
        return f"{told}With what was dropped that is as much as came, so the queue stayed at {memory}, at most."
    return f"{told}So the queue grew by about {growth:,.0f} a second, up to {memory}."


def _refused(run: Run) -> str:
    small, customers = run.refused.get("analytics", 0), run.refused.get("payments", 0)
    told = f"{small:,} page views were refused with 429 and a time to come back. They wait outside, and know it."
    if customers:
        return f"{told} {customers:,} payment confirmations were refused as well: a limit alone does not ask who comes."
    if "prioritise" in run.answers:
        return f"{told} No payment was refused: where payments come first, the limit is for the others."
    return told


def _shed(run: Run) -> str:
    return (
        f"{run.analytics.shed:,} page views were dropped after 3 s. They had been accepted, so they are counted: "
        "the ledger has a place for them."
    )


def _waits(run: Run) -> Iterator[str]:
    paid, seen = run.payments.mean_wait_s, run.analytics.mean_wait_s
    if paid is None:
        return
    if "prioritise" not in run.answers:
        yield f"A payment waited {paid:.1f} s on the average, in the same line as everything else."
        return
    beside = f", a page view {seen:.1f} s" if seen is not None else ""
    told = f"A payment waited {paid:.1f} s on the average{beside}."
    if run.starved:
        told += " As long as more payments came than one worker can do, no page view was counted at all."
    yield told


def _drain(run: Run, drained_s: float) -> str:
    after = drained_s - (run.flooded_s or 0)
    if after < 2:
        return "When the flood was over, so was the work."
    told = f"The flood was over after {run.flooded_s:.0f} s. The last message was done {after:.0f} s later"
    if run.helped_s is not None:
        return f"{told}, because ten workers came to help at {run.helped_s:.0f} s."
    return f"{told}: what has piled up goes only as fast as {_workers(run)} can work."


def _workers(run: Run) -> str:
    return "one worker" if run.workers == 1 else f"{run.workers} workers"
