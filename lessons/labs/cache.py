"""The lab of lesson 10: an expensive answer made in each request, kept until it expires, or kept warm by a worker."""

from __future__ import annotations

import time
from typing import Literal

from lessons import access, requests
from lessons.labs.cache_runs import PER_SECOND, SECONDS, SPEED, WAYS, Bench, Run, Visit
from lessons.labs.evidence import Evidence
from lessons.labs.scene import PLAIN
from workers import cache, commitments, events, limits, sandboxes, visits
from workers.errors import OverLimit

TEMPLATE = "labs/_cache.html"
LAB = "cache-runs"
# A worker has the first list ready before the doors open, if there is one.
DOORS_OPEN_AFTER_S, LOOK_EVERY_S = 4.0, 0.05


class RunForm(requests.Form):
    """How the visitors get their list."""

    cache: Literal["none", "expiring", "warm"] = "none"


def run(sandbox: str, wanted: RunForm) -> None:
    """Set the way, cool the cache, and let the visitors come. Raises OverLimit while a run goes on."""
    limits.check_chaos(sandbox)
    if look(sandbox).running:
        raise OverLimit("runs at a time", 1, f"wait until the {PER_SECOND * SECONDS} visitors have been here")
    after = events.newest([sandbox]).get(sandbox, 0)
    wished = PLAIN | {"cache": wanted.cache, "speed": SPEED, "workers": sandboxes.DEFAULTS["workers"]}
    sandboxes.change(sandbox, wished, by="lab")
    cache.forget(sandbox)
    if wanted.cache == "warm":
        _warm_up(sandbox)
    number = visits.start(sandbox, PER_SECOND, SECONDS, access.token_for(sandbox))
    before = commitments.of_lab(sandbox, LAB).get(wanted.cache)
    commitments.commit(sandbox, LAB, wanted.cache, f"{number} {after}")
    if before:
        visits.forget(sandbox, int(before.split()[0]))


def look(sandbox: str | None) -> Bench:
    """The bench as it is now; without a sandbox nothing was run."""
    kept = commitments.of_lab(sandbox, LAB) if sandbox else {}
    if sandbox is None or not kept:
        return Bench()
    refreshed = events.of_types(sandbox, ["AnswerRefreshed"])
    found = (_run(sandbox, way, kept[way], refreshed) for way in WAYS if way in kept)
    return Bench(tuple(run for run in found if run))


def observe(sandbox: str, choice: str) -> Evidence | None:
    """How many made the list at once when it had expired; None before that was run."""
    ended = {run.cache: run for run in look(sandbox).runs if run.over}
    return held_against(ended, choice) if "expiring" in ended else None


def held_against(ended: dict[str, Run], choice: str) -> Evidence:
    """The reader's choice beside the run: "one", "several" or "all" of the visitors made it at the same moment."""
    run = ended["expiring"]
    holds = "one" if run.at_once <= 1 else "all" if run.at_once >= len(run.answered) else "several"
    told = (
        f"With the cache that expires, up to {run.at_once} requests made the same list at the same moment, "
        f"{run.computed} of {len(run.answered)} in all."
    )
    return Evidence(choice == holds, " ".join([told, *_beside(ended)]))


def _beside(ended: dict[str, Run]) -> list[str]:
    """The same figures of the other ways, where they were run."""
    run, said = ended["expiring"], []
    if none := ended.get("none"):
        said.append(f"Without a cache it was made {none.computed} times, and everybody waited for it.")
    if warm := ended.get("warm"):
        said.append(
            f"Kept warm, a worker made it {warm.refreshed} times and visitors {warm.computed} times, and the longest "
            f"wait was {warm.longest:.2f}\u00a0s, not {run.longest:.2f}\u00a0s. That was {warm.work_s:.1f}\u00a0s of "
            f"work in place of {run.work_s:.1f}\u00a0s, and the oldest list was {warm.oldest_s:.1f}\u00a0s old."
        )
    return said


def _warm_up(sandbox: str) -> None:
    """Wait for a worker's first list, but not for long: if it does not come, the first visitors make it."""
    cache.note_asked(sandbox)
    cache.ask_a_worker(sandbox, SPEED)
    end = time.monotonic() + DOORS_OPEN_AFTER_S
    while cache.age_of(sandbox) is None and time.monotonic() < end:
        time.sleep(LOOK_EVERY_S)


def _run(sandbox: str, way: str, kept: str, refreshed: list[events.Event]) -> Run | None:
    number, after = (int(part) for part in kept.split())
    row, rows = visits.of_run(sandbox, number)
    if row is None:
        return None
    seen = tuple(Visit(each.came_s, each.waited_s, each.how, each.age_s) for each in rows)
    until = row.ended_at
    made = [
        event.seconds
        for event in refreshed
        if isinstance(event, events.AnswerRefreshed)
        and event.sequence > after
        and event.at
        and (until is None or event.at <= until)
    ]
    return Run(way, number, seen, tuple(made), over=until is not None)
