"""The control room's page in sections, of which a poll brings those that somebody has not seen yet."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import render_template

from lessons.control_room import parts
from lessons.control_room.facts import Facts
from workers.snapshot import Snapshot


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


def board(seen: Facts, snapshot: Snapshot | None = None, known: Mapping[str, Section] | None = None) -> Board:
    """Draw what differs from the known sections; the rest is taken from there."""
    views, before = parts.sections(seen), known or {}
    return Board(seen, {name: _section(name, view, before.get(name)) for name, view in views.items()}, snapshot)


def _section(name: str, view: Any, before: Section | None) -> Section:
    if before and before.view == view:
        return before
    kind = name.partition("-")[0]
    html = render_template(f"control_room/_{kind}.html", view=view)
    return Section(name, view, _short(repr(view)), html)


def _short(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.blake2b(text.encode(), digest_size=3).digest()).decode()
