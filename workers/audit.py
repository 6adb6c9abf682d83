"""The conservation audit: every open outbox row is in exactly one place at the broker, or is put back there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from redis import Redis
from sqlalchemy import Row, bindparam, select, update

from workers import events, fleet, outbox, places, queues
from workers.database import begin, read, utc_now
from workers.messages import CompleteOrder
from workers.tables import outbox as outbox_rows
from workers.worker import held_key

RELAY_AFTER_S = 0.5  # the request relays its own message; this is for those whose request died
LOOK_AFTER_S = 3.0  # a message that moves right now is nobody's orphan
RELAYED_AT_MOST = 5000
MISSED_AT_MOST = 1000  # of one sandbox, in one look: the house must not stand still for it

# Where each of the messages is, looked up in one step, because they may be moving.
_WHERE = """
local found = {}
local function note(ids, place)
  for _, id in ipairs(ids) do found[string.match(id, '^[^:]*')] = place end
end
note(redis.call('LRANGE', KEYS[1], 0, -1), 'queue')
note(redis.call('ZRANGE', KEYS[3], 0, -1), 'scheduled')
for i = 4, #KEYS do note(redis.call('LRANGE', KEYS[i], 0, -1), 'held') end
note(redis.call('ZRANGE', KEYS[2], 0, -1), 'leased')
local places = {}
for i, id in ipairs(ARGV) do
  local status = redis.call('HGET', 'rq:job:' .. id, 'status')
  if status == 'finished' then places[i] = 'finished'
  elseif not status and found[id] ~= 'leased' then places[i] = 'nowhere'
  else places[i] = found[id] or 'nowhere' end
end
return places
"""
_OPEN = (
    select(outbox_rows.c.sandbox, outbox_rows.c.message, outbox_rows.c.dead_at)
    .where(outbox_rows.c.closed_at.is_(None), outbox_rows.c.enqueued_at < bindparam("settled"))
    .where(outbox_rows.c.taken_at.is_(None) | (outbox_rows.c.taken_at < bindparam("settled")))
    .where(outbox_rows.c.dead_at.is_(None) | (outbox_rows.c.dead_at < bindparam("settled")))
    .order_by(outbox_rows.c.sandbox)
)


def relay_left_overs() -> int:
    """Hand over the messages that were committed but never enqueued; the number of them."""
    old = utc_now() - timedelta(seconds=RELAY_AFTER_S)
    left = select(outbox_rows.c.payload).where(
        outbox_rows.c.closed_at.is_(None), outbox_rows.c.enqueued_at.is_(None), outbox_rows.c.committed_at < old
    )
    with read() as db:
        payloads = list(db.execute(left.order_by(outbox_rows.c.committed_at).limit(RELAYED_AT_MOST)).scalars())
    return sum(outbox.relay(CompleteOrder.decode(payload)) for payload in payloads)


def find_orphans(broker: Redis, suspects: set[str]) -> set[str]:
    """Look for every open message at the broker; close the finished, re-enqueue the missing, bury the dead.

    A message is an orphan when it was nowhere in two looks running: `suspects` is what the last look returned.
    """
    with read() as db:
        rows = db.execute(_OPEN, {"settled": utc_now() - timedelta(seconds=LOOK_AFTER_S)}).all()
    missing: set[str] = set()
    for sandbox, group in groupby(rows, attrgetter("sandbox")):
        missing |= _look(broker, sandbox, list(group), suspects)
    return missing


def busy_sandboxes() -> set[str]:
    """Sandboxes with a message that is still to be worked on."""
    to_do = (outbox_rows.c.closed_at.is_(None), outbox_rows.c.dead_at.is_(None))
    with read() as db:
        return set(db.execute(select(outbox_rows.c.sandbox).where(*to_do).distinct()).scalars())


def _look(broker: Redis, sandbox: str, rows: Sequence[Any], suspects: set[str]) -> set[str]:
    """One sandbox: first everything in bulk, then those that were not seen once more, in one step."""
    held = [held_key(worker.rq_name) for worker in fleet.living(sandbox)]
    seen, buried = _seen(broker, sandbox, held)
    unburied = {row.message: row.dead_at for row in rows if row.dead_at and row.message not in buried}
    unseen = [row.message for row in rows if not row.dead_at and row.message not in seen]
    if unburied:
        _bury(broker, sandbox, unburied)
    return _look_again(broker, sandbox, held, unseen[:MISSED_AT_MOST], suspects) if unseen else set()


def _seen(broker: Redis, sandbox: str, held: Sequence[str]) -> tuple[set[str], set[str]]:
    """The messages that are to be worked on, and the dead ones, as the broker has them."""
    with broker.pipeline(transaction=False) as pipe:
        pipe.zrange(places.dead_key(sandbox), 0, -1)
        pipe.lrange(places.queue_key(sandbox), 0, -1)
        pipe.zrange(places.scheduled_key(sandbox), 0, -1)
        pipe.zrange(places.leases_key(sandbox), 0, -1)
        for key in held:
            pipe.lrange(key, 0, -1)
        dead, *alive = pipe.execute()
    return _ids(entry for found in alive for entry in found), _ids(dead)


def _ids(entries: Iterable[bytes]) -> set[str]:
    return {entry.partition(b":")[0].decode() for entry in entries}


def _bury(broker: Redis, sandbox: str, died: dict[str, datetime]) -> None:
    """Put dead letters back among the dead, but for those that somebody works on right now."""
    at_work = _ids(broker.zrange(places.leases_key(sandbox), 0, -1))  # type: ignore[arg-type]
    if rest := {message: at for message, at in list(died.items())[:MISSED_AT_MOST] if message not in at_work}:
        places.return_to_the_dead(broker, sandbox, rest)


def _look_again(
    broker: Redis, sandbox: str, held: Sequence[str], unseen: Sequence[str], suspects: set[str]
) -> set[str]:
    keys = [places.queue_key(sandbox), places.leases_key(sandbox), places.scheduled_key(sandbox), *held]
    found: Any = broker.eval(_WHERE, len(keys), *keys, *unseen)
    where = {message: place.decode() for message, place in zip(unseen, found, strict=True)}
    _close([message for message, place in where.items() if place == "finished"])
    nowhere = {message for message, place in where.items() if place == "nowhere"}
    _adopt(broker, sandbox, nowhere & suspects)
    return nowhere - suspects


def _close(finished: Sequence[str]) -> None:
    """Their workers acknowledged them, and died before they could say so."""
    for row in _rows(finished):
        outbox.close(CompleteOrder.decode(row.payload), None, row.deliveries)


def _adopt(broker: Redis, sandbox: str, orphans: set[str]) -> None:
    """Enqueue the missing anew; one that waited for its next try has it earlier."""
    rows = [row for row in _rows(orphans) if row.closed_at is None and row.dead_at is None]
    messages = [CompleteOrder.decode(row.payload) for row in rows]
    if not messages:
        return
    places.forget(broker, sandbox, [message.id for message in messages])
    queues.enqueue_anew(sandbox, messages)
    told = [events.MessageRedelivered(order=m.order, message=m.id, reason="orphaned") for m in messages]
    with begin() as db:
        db.execute(update(outbox_rows).where(outbox_rows.c.message.in_(orphans)).values(due_at=None))
        events.append(sandbox, *told, db=db)


def _rows(messages: Iterable[str]) -> list[Row[Any]]:
    named = select(outbox_rows).where(outbox_rows.c.message.in_(list(messages)))
    with read() as db:
        return list(db.execute(named.order_by(outbox_rows.c.committed_at)))
