"""What the control room of each sandbox looks like in this process: a section is drawn once, whoever looks at it."""

from __future__ import annotations

import threading
import time
from functools import lru_cache

from lessons.control_room import gather, sections
from lessons.control_room.sections import Board
from workers.sampler import sampler
from workers.snapshot import Snapshot

KEPT_FOR_S = 60


class Boards:
    """The newest board of each sandbox that somebody looks at."""

    def __init__(self) -> None:
        self.known: dict[str, Board] = {}
        self.asked: dict[str, float] = {}
        self.drawing: dict[str, threading.Lock] = {}

    def latest(self, sandbox: str) -> Board:
        """As new as the sampler's snapshot. Raises UnknownSandbox."""
        snapshot = sampler().latest(sandbox)
        board = self.known.get(sandbox)
        self.asked[sandbox] = time.monotonic()
        if board and board.snapshot is snapshot:
            return board
        lock = self.drawing.setdefault(sandbox, threading.Lock())
        if not lock.acquire(blocking=board is None):
            return board or self.latest(sandbox)  # somebody draws the next one just now
        try:
            self._forget_the_unwatched()
            board = self.known.get(sandbox)  # somebody may have drawn it while this one waited
            self.known[sandbox] = drawn = _drawn(sandbox, snapshot, board)
            return drawn
        finally:
            lock.release()

    def _forget_the_unwatched(self) -> None:
        since = time.monotonic() - KEPT_FOR_S
        for sandbox in [name for name, asked in list(self.asked.items()) if asked < since]:
            for memory in (self.known, self.asked, self.drawing):
                memory.pop(sandbox, None)


@lru_cache
def boards() -> Boards:
    """This process's boards."""
    return Boards()


def fresh(sandbox: str) -> Board:
    """The board of this very moment, for a page: its clocks show the right time also where no script lets them run."""
    return _drawn(sandbox, sampler().latest(sandbox, fresh=True), None)


def _drawn(sandbox: str, snapshot: Snapshot, before: Board | None) -> Board:
    """Draw what differs from the board before; the rest is taken from there."""
    seen = gather.now(sandbox, snapshot, before.facts if before else None)
    return sections.board(seen, snapshot, before.sections if before else None)
