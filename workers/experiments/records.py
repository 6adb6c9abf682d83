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
    """The first events and the last, as many as fit."""
    packed = _packed(record)
    half = len(record)
    while len(packed) > MOST_BYTES:
        half = int(half * 0.9 * MOST_BYTES / len(packed) / (2 if half == len(record) else 1))
        packed = _packed([*record[:half], *record[-half:]])
    return packed


def _packed(record: Sequence[Event]) -> bytes:
    return zlib.compress(json.dumps([_plain(event) for event in record]).encode(), 9)


def unpack(packed: bytes) -> tuple[Event, ...]:
    return tuple(_event(row) for row in json.loads(zlib.decompress(packed)))


def _plain(event: Event) -> list[Any]:
    at = event.at.isoformat() if event.at else None
    return [event.type, event.sequence, at, [getattr(event, name) for name in COLUMNS], event.details]


def _event(row: list[Any]) -> Event:
    kind, sequence, at, common, details = row
    when = datetime.fromisoformat(at) if at else None
    return Event.kinds[kind](sequence=sequence, at=when, **dict(zip(COLUMNS, common, strict=True)), **details)
