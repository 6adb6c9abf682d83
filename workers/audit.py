"""The conservation audit: every open outbox row is in exactly one place at the broker, or is put back there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from redis import Redis
from sqlalchemy import Row, select

from workers import events, fleet, outbox, queues
from workers.database import read, utc_now
from workers.messages import CompleteOrder, queue_name
from workers.tables import outbox as outbox_rows
from workers.worker import held_key

RELAY_AFTER_S = 0.5  # the request relays its own message; this is for those whose request died
LOOK_AFTER_S = 3.0  # a message that moves right now is nobody's orphan
AT_MOST = 5000

_WHERE = """
if redis.call('HGET', KEYS[1], 'status') == 'finished' then return 'finished' end
for _, entry in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
  if string.sub(entry, 1, #ARGV[1] + 1) == ARGV[1] .. ':' then return 'leased' end
end
if redis.call('EXISTS', KEYS[1]) == 0 then return 'nowhere' end
if redis.call('LPOS', KEYS[2], ARGV[1]) then return 'queue' end
for i = 4, #KEYS do
  if redis.call('LPOS', KEYS[i], ARGV[1]) then return 'held' end
end
return 'nowhere'
"""


def relay_left_overs() -> int:
    """Hand over the messages that were committed but never enqueued; the number of them."""
    old = outbox_rows.c.committed_at < utc_now() - timedelta(seconds=RELAY_AFTER_S)
    return sum(outbox.relay(_message(row)) for row in _open(outbox_rows.c.enqueued_at.is_(None), old))


def find_orphans(broker: Redis, suspects: set[str]) -> set[str]:
    """Look for every open message at the broker; close the finished, re-enqueue the missing.

    A message is an orphan when it was nowhere in two looks running: `suspects` is what the last look returned.
    """
    settled = utc_now() - timedelta(seconds=LOOK_AFTER_S)
    quiet = (outbox_rows.c.taken_at.is_(None)) | (outbox_rows.c.taken_at < settled)
    missing = set()
    for row in _open(outbox_rows.c.enqueued_at < settled, quiet):
        place = _place(broker, row)
        if place == "finished":
            outbox.close(_message(row), None, row.deliveries)
        elif place == "nowhere" and row.message in suspects:
            _adopt(broker, row)
        elif place == "nowhere":
            missing.add(row.message)
    return missing


def busy_sandboxes() -> set[str]:
    """Sandboxes with an open message."""
    with read() as db:
        return set(
            db.execute(select(outbox_rows.c.sandbox).where(outbox_rows.c.closed_at.is_(None)).distinct()).scalars()
        )


def _place(broker: Redis, row: Row[Any]) -> str:
    """Where a message is, looked up in one step, because it may be moving."""
    queue = queue_name(row.sandbox)
    held = [held_key(worker.rq_name) for worker in fleet.living(row.sandbox)]
    keys = [f"rq:job:{row.message}", f"rq:queue:{queue}", f"rq:wip:{queue}", *held]
    return str(broker.eval(_WHERE, len(keys), *keys, row.message).decode())


def _adopt(broker: Redis, row: Row[Any]) -> None:
    message = _message(row)
    broker.delete(f"rq:job:{message.id}")
    queues.enqueue(message)
    found = events.MessageRedelivered(order=message.order, message=message.id, reason="orphaned")
    events.append(message.sandbox, found)


def _open(*conditions: object) -> list[Row[Any]]:
    chosen = select(outbox_rows).where(outbox_rows.c.closed_at.is_(None), *conditions)  # type: ignore[arg-type]
    with read() as db:
        return list(db.execute(chosen.order_by(outbox_rows.c.committed_at).limit(AT_MOST)))


def _message(row: Row[Any]) -> CompleteOrder:
    return CompleteOrder.decode(row.payload)
