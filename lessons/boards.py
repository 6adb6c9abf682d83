"""What the control room of each sandbox looks like in this process: a section is drawn once, whoever looks at it."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from flask import render_template

from lessons import control_room, facts
from lessons.facts import Facts
from workers.sampler import sampler
from workers.snapshot import Snapshot

KEPT_FOR_S = 60


@dataclass(frozen=True)
class Section:
    """A part of the page that is sent by itself; its tag changes when what is to be seen does."""

    name: str
    view: Any
    tag: str
    html: str


@dataclass(frozen=True)
class Board:
    """All sections at one moment."""

    facts: Facts
    sections: dict[str, Section]
    snapshot: Snapshot | None = None  # what it was drawn from, unless it shows the past

    @cached_property
    def tag(self) -> str:
        """One short hash a section, which a browser sends back to say what it has."""
        return ".".join(section.tag for section in self.sections.values())

    def since(self, tag: str) -> str:
        """The sections that somebody who has `tag` has not seen, each to be put in its place."""
        seen = tag.split(".")
        known = seen if len(seen) == len(self.sections) else [""] * len(self.sections)
        new = [it for it, has in zip(self.sections.values(), known, strict=True) if it.tag != has]
        return "".join(f'<hx-partial id="room-{it.name}" hx-swap="innerMorph">{it.html}</hx-partial>' for it in new)


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


def of(seen: Facts) -> Board:
    """A board of facts that do not change any more."""
    return _board(seen, None, {})


def _drawn(sandbox: str, snapshot: Snapshot, before: Board | None) -> Board:
    """Draw what differs from the board before; the rest is taken from there."""
    seen = facts.now(sandbox, snapshot, before.facts if before else None)
    return _board(seen, snapshot, before.sections if before else {})


def _board(seen: Facts, snapshot: Snapshot | None, known: dict[str, Section]) -> Board:
    views = control_room.sections(seen)
    return Board(seen, {name: _section(name, view, known.get(name)) for name, view in views.items()}, snapshot)


def _section(name: str, view: Any, before: Section | None) -> Section:
    if before and before.view == view:
        return before
    kind = name.partition("-")[0]
    html = render_template(f"control_room/_{kind}.html", view=view)
    return Section(name, view, _short(repr(view)), html)


def _short(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.blake2b(text.encode(), digest_size=3).digest()).decode()
