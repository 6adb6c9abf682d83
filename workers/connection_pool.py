"""A sandbox's pool of database connections: so many for all of its workers together, whichever processes they are.

Each slot is a file. Whoever holds its lock has a connection of the real database open; the kernel takes the lock back
from a process that dies, whatever kills it. Those who wait stand in line, first come, first served.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from workers import database
from workers.errors import StepUnavailable
from workers.settings import current

POOL_SIZE = 50  # the most that a sandbox can have; its workers are fewer
PATIENCE_S = 1.5  # in the story's time; then the wait is an error
LOOK_EVERY_S = 0.004
Say = Callable[[float, bool], None]  # the seconds that were waited, and whether it was not in vain


@contextmanager
def lent(sandbox: str, size: int, patience_s: float, say: Say) -> Iterator[None]:
    """Have one of `size` connections of the database, and give it back; `say` is told how long the wait for it was.

    With as many connections as a sandbox can have nobody waits, and nothing is counted. Raises StepUnavailable after
    `patience_s` real seconds, when `say` is told that they were in vain.
    """
    if size >= POOL_SIZE:
        yield
        return
    slot, waited_s = _take(_folder(sandbox), size, patience_s)
    try:
        if waited_s:
            say(waited_s, slot is not None)
        if slot is None:
            raise StepUnavailable(f"There was no connection within {patience_s:g} s: all were lent", "no connection")
        with database.held():
            yield
    finally:
        if slot is not None:
            os.close(slot)


def lender(sandbox: str, settings: Mapping[str, Any]) -> Callable[[Say], AbstractContextManager[None]]:
    """The same for a worker's attempt, as its sandbox is set."""
    return partial(lent, sandbox, int(settings["pool_size"]), PATIENCE_S / float(settings["speed"]))


def lender_of_requests(sandbox: str, settings: Mapping[str, Any]) -> Callable[[Say], AbstractContextManager[None]]:
    """A request has connections of its own, unless everybody shares those of the workers."""
    return lender(sandbox, settings) if settings["pool_for"] == "everybody" else lambda say: nullcontext()


def forget(sandbox: str) -> None:
    """Remove what is kept for a sandbox that is gone."""
    shutil.rmtree(_folder(sandbox), ignore_errors=True)


def _folder(sandbox: str) -> Path:
    return current().data_dir / "pools" / sandbox


def _take(folder: Path, size: int, patience_s: float) -> tuple[int | None, float]:
    """The handle of a slot, or None after so long; and the seconds that were waited."""
    began = time.monotonic()
    (folder / "line").mkdir(parents=True, exist_ok=True)
    with _door(folder):
        slot = _free(folder, size, _ahead(folder))
        if slot is not None:
            return slot, 0.0
        name = f"{time.monotonic_ns():020}-{os.getpid()}"
        place = _locked(folder / "line" / name)
    try:
        while slot is None and time.monotonic() - began < patience_s:
            time.sleep(LOOK_EVERY_S)
            with _door(folder):
                slot = _free(folder, size, _ahead(folder, name))
    finally:
        (folder / "line" / name).unlink(missing_ok=True)
        if place is not None:
            os.close(place)
    return slot, round(time.monotonic() - began, 3)


@contextmanager
def _door(folder: Path) -> Iterator[None]:
    """One looks at a time, and nobody is frozen meanwhile."""
    with database.undisturbed():
        door = os.open(folder / "door", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(door, fcntl.LOCK_EX)
            yield
        finally:
            os.close(door)


def _free(folder: Path, size: int, ahead: int) -> int | None:
    """The handle of a free slot, if there is one beyond those that are for whoever stands ahead."""
    found: list[int] = []
    for number in range(size):
        slot = _locked(folder / f"slot-{number}") if len(found) <= ahead < size else None
        found += [slot] if slot is not None else []
    mine = found.pop() if len(found) > ahead else None
    for slot in found:
        os.close(slot)
    return mine


def _ahead(folder: Path, name: str | None = None) -> int:
    """How many stand in line, or stand there before `name`; who died there is taken out of it."""
    count = 0
    for place in sorted((folder / "line").iterdir()):
        if name is not None and place.name >= name:
            break
        dead = _locked(place)
        if dead is None:
            count += 1
        else:
            place.unlink(missing_ok=True)
            os.close(dead)
    return count


def _locked(path: Path) -> int | None:
    """The handle of a file that is locked now; None if somebody else has locked it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle
