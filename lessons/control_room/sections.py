"""The control room's page in sections, of which a poll brings those that somebody has not seen yet."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from flask import render_template

from lessons.control_room import parts
from lessons.control_room.facts import Facts
from workers.snapshot import Snapshot

MOST_BYTES, CATCH_UP_BYTES = 2000, 4000  # of a poll, compressed as the server does it
GZIP_LEVEL, MOST_KEPT = 6, 100
TAG = re.compile(r"[\w.-]*", re.ASCII)
LARGE = {"workers", "spark", "past", "values", "plot", "labels", "times", "acts", "table"}


@dataclass(frozen=True)
class Section:
    """A part of the page that is sent by itself; its tag changes when what is to be seen does."""

    name: str
    view: Any
    tag: str
    html: str

    @property
    def kind(self) -> str:
        """Its template."""
        return self.name.partition("-")[0]


@dataclass(frozen=True)
class Poll:
    """The answer to a poll, and the tag that says what whoever gets it has seen then."""

    html: str
    tag: str


@dataclass(frozen=True)
class Board:
    """All sections at one moment."""

    facts: Facts
    sections: dict[str, Section]
    snapshot: Snapshot | None = None  # what it was drawn from, unless it shows the past
    polls: dict[str, Poll] = field(default_factory=dict, compare=False, repr=False)  # by what was seen: mostly the same

    @cached_property
    def tag(self) -> str:
        """One short hash a section, which a browser sends back to say what it has."""
        return ".".join(section.tag for section in self.sections.values())

    def since(self, tag: str) -> Poll:
        """What somebody gets who has `tag`: the sections that she has not seen, each to be put in its place.

        What has no room in one poll comes with the next ones; who has nearly everything to see gets it at once.
        """
        known = self.polls.get(tag)
        if known is None:
            known = self._poll(tag)
            if len(self.polls) < MOST_KEPT:
                self.polls[tag] = known
        return known

    def _poll(self, tag: str) -> Poll:
        seen = tag.split(".") if TAG.fullmatch(tag) else []
        has = dict(zip(self.sections, seen, strict=True)) if len(seen) == len(self.sections) else {}
        new = [section for name, section in self.sections.items() if section.tag != has.get(name)]
        parcel = Parcel()
        if has and MOST_BYTES < parcel.size_with(*map(_partial, new)) <= CATCH_UP_BYTES:
            new = [section for section in self._in_turn(new) if parcel.takes(_partial(section))]
        has |= {section.name: section.tag for section in new}
        return Poll("".join(map(_partial, new)), ".".join(has[name] for name in self.sections))

    def _in_turn(self, new: list[Section]) -> list[Section]:
        """Numbers first; who is first of the large ones is another one each second, so that none waits for ever."""
        small = [section for section in new if section.kind not in LARGE]
        large = [section for section in new if section.kind in LARGE]
        turn = int(self.facts.at.timestamp()) % max(1, len(large))
        return small + large[turn:] + large[:turn]


def board(seen: Facts, snapshot: Snapshot | None = None, known: Mapping[str, Section] | None = None) -> Board:
    """Draw what differs from the known sections; the rest is taken from there."""
    views, before = parts.sections(seen), known or {}
    return Board(seen, {name: _section(name, view, before.get(name)) for name, view in views.items()}, snapshot)


def _section(name: str, view: Any, before: Section | None) -> Section:
    if before and before.view == view:
        return before
    section = Section(name, view, _short(repr(view)), "")
    return replace(section, html=render_template(f"control_room/_{section.kind}.html", view=view))


def _partial(section: Section) -> str:
    return f'<hx-partial id="room-{section.name}" hx-swap="innerMorph">{section.html}</hx-partial>'


class Parcel:
    """Texts that are sent together, and how many bytes they take, compressed as the server does it."""

    def __init__(self) -> None:
        self.packer, self.bytes = zlib.compressobj(GZIP_LEVEL, wbits=zlib.MAX_WBITS + 16), 0
        self.empty = True

    def size_with(self, *texts: str) -> int:
        """How many bytes it would be with these as well."""
        packer = self.packer.copy()
        return self.bytes + sum(len(packer.compress(text.encode())) for text in texts) + len(packer.flush())

    def takes(self, text: str) -> bool:
        """Put it in if there is room; the first one has room whatever its size, or it would wait for ever."""
        if not self.empty and self.size_with(text) > MOST_BYTES:
            return False
        self.bytes += len(self.packer.compress(text.encode()))
        self.empty = False
        return True


def _short(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.blake2b(text.encode(), digest_size=3).digest()).decode()
