"""The record of a run as it is kept: its events, compressed, as many as fit."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from workers.event_types import COLUMNS, Event

MOST_BYTES = 30_000  # compressed: with its figures and its words, a run that is shown stays below 50 KB


def pack(record: Sequence[Event]) -> bytes:
    """The first events, as many as fit."""
    kept = len(record)
    while True:
        packed = zlib.compress(json.dumps([_plain(event) for event in record[:kept]]).encode(), 9)
        if len(packed) <= MOST_BYTES:
            return packed
        kept = int(kept * 0.9 * MOST_BYTES / len(packed))


def unpack(packed: bytes) -> tuple[Event, ...]:
    return tuple(_event(row) for row in json.loads(zlib.decompress(packed)))


def _plain(event: Event) -> list[Any]:
    at = event.at.isoformat() if event.at else None
    return [event.type, event.sequence, at, [getattr(event, name) for name in COLUMNS], event.details]


def _event(row: list[Any]) -> Event:
    kind, sequence, at, common, details = row
    when = datetime.fromisoformat(at) if at else None
    return Event.kinds[kind](sequence=sequence, at=when, **dict(zip(COLUMNS, common, strict=True)), **details)
