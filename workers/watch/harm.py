"""Lost and duplicated orders of many sandboxes, counted in turn, so that counting never takes much of the time."""

from __future__ import annotations

import time
from collections.abc import Iterable

from sqlalchemy import select

from workers import ledger
from workers.database import read
from workers.tables import samples

AGAIN_AFTER_S = 2.0
A_TURN_S = 0.02
SHARE = 50  # at most one part in so many of the time


class Harm:
    """Lost and duplicated by sandbox, as they were last counted."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[int, int]] = {}
        self.stale: dict[str, float] = {}  # moved since; the value is when it may be counted again; oldest first
        self.next_turn = 0.0

    def count(self, moved: Iterable[str], awake: Iterable[str]) -> None:
        """Take a turn at those that moved, if it is time for one."""
        here = set(awake)
        self.found = {sandbox: found for sandbox, found in self.found.items() if sandbox in here}
        self.stale = {sandbox: at for sandbox, at in self.stale.items() if sandbox in here}
        for sandbox in here - self.found.keys():
            self.found[sandbox] = _as_sampled(sandbox)
            self.stale.setdefault(sandbox, 0)
        for sandbox in moved:
            self.stale.setdefault(sandbox, time.monotonic())
        if time.monotonic() >= self.next_turn:
            self._take_turn()

    def _take_turn(self) -> None:
        began = time.monotonic()
        for sandbox in [sandbox for sandbox, at in self.stale.items() if at <= began]:
            self.found[sandbox] = ledger.count_harm(sandbox)
            del self.stale[sandbox]
            if time.monotonic() - began > A_TURN_S:
                break
        self.next_turn = began + max(AGAIN_AFTER_S, SHARE * (time.monotonic() - began))


def _as_sampled(sandbox: str) -> tuple[int, int]:
    """What the newest sample says, until it is counted anew."""
    newest = select(samples.c.lost, samples.c.duplicated).where(samples.c.sandbox == sandbox)
    with read() as db:
        row = db.execute(newest.order_by(samples.c.second.desc()).limit(1)).first()
    return (row.lost, row.duplicated) if row else (0, 0)
