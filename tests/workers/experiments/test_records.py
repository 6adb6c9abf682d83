"""The record of a run: read back as it was, and cut in the middle when there is too much of it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from workers import events
from workers.experiments import records

AT = datetime(2026, 11, 26, tzinfo=UTC)


def test_a_short_record_is_read_back_whole() -> None:
    record = (
        events.MessageTaken(order=1, worker="w1", attempt=2, lease_s=8, sequence=7, at=AT),
        events.WorkerCrashed(worker="w1", pid=3, signal="SIGKILL", back_at=None, sequence=8, at=AT),
    )

    assert records.unpack(records.pack(record)) == record


def test_of_a_long_record_the_first_and_the_last_events_fit() -> None:
    record = [events.DuplicateSuppressed(key=secrets.token_hex(30), sequence=n, at=AT) for n in range(5000)]

    packed = records.pack(record)
    kept = [event.sequence for event in records.unpack(packed)]

    assert len(packed) <= records.MOST_BYTES
    assert (kept[0], kept[-1]) == (0, 4999)
    assert 200 < len(kept) < 5000
    assert kept == sorted(set(kept))
