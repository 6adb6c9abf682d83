"""Where a worker may be killed, stopped or held on purpose: at named places of its work."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from workers import barriers, fleet, freezes
from workers.database import read


@dataclass(frozen=True)
class Passer:
    """A worker that comes to a place, with the delivery that it is at; `doorbell` wakes its parent."""

    sandbox: str
    worker: str
    order: int
    delivery: int
    doorbell: int


def passing(sandbox: str, worker: str, order: int, delivery: int, doorbell: int) -> Callable[[str], None]:
    """What a worker calls at each place of one delivery."""
    passer = Passer(sandbox, worker, order, delivery, doorbell)
    return lambda place: reach(passer, place)


def reach(passer: Passer, place: str) -> None:
    """Pass through a named place, unless something waits for this worker there: one look for all that may."""
    waiting = [waits(passer, place).label(name) for name, (waits, _) in STOPS.items()]
    with read() as db:
        found = db.execute(select(*waiting)).one()._mapping
    for name, (_, stop) in STOPS.items():
        if found[name]:
            stop(passer, place)


def _die(passer: Passer, place: str) -> None:
    """Wait here for SIGKILL from our parent, unless the crash is another's by now."""
    if not fleet.claim_crash(passer.sandbox, passer.worker, os.getpid(), place):
        return
    os.write(passer.doorbell, b"!")
    while True:
        signal.pause()


def _freeze(passer: Passer, place: str) -> None:
    """Wait here for SIGSTOP from our parent; after SIGCONT it goes on from here."""
    if wish := freezes.claim(passer.sandbox, passer.worker, os.getpid(), place):
        os.write(passer.doorbell, b"!")
        freezes.stand_still(wish)


def _stand(passer: Passer, place: str) -> None:
    barriers.stand(passer.sandbox, passer.worker, passer.order, passer.delivery, place)


# What may stop a worker at a place, in this order: whether it waits there, and what it does.
Waits = Callable[[Passer, str], ColumnElement[bool]]
STOPS: dict[str, tuple[Waits, Callable[[Passer, str], None]]] = {
    "crash": (lambda passer, place: fleet.crash_waits(passer.sandbox, passer.worker, place), _die),
    "freeze": (lambda passer, place: freezes.waits(passer.sandbox, passer.worker, place), _freeze),
    "hold": (lambda passer, place: barriers.closed(passer.sandbox, place), _stand),
}
