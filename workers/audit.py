"""The conservation audit: every open outbox row is in exactly one place at the broker, or is put back there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from redis import Redis
from sqlalchemy import Row, select, update

from workers import events, fleet, outbox, places, queues
from workers.database import begin, read, utc_now
from workers.messages import CompleteOrder
from workers.pulling import held_key
from workers.tables import outbox as outbox_rows

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
_OPEN = outbox_rows.c.closed_at.is_(None)
_ALIVE = outbox_rows.c.dead_at.is_(None)


def relay_left_overs() -> int:
    """Hand over the messages that were committed but never enqueued; the number of them."""
    old = outbox_rows.c.committed_at < utc_now() - timedelta(seconds=RELAY_AFTER_S)
    left = select(outbox_rows.c.payload).where(_OPEN, outbox_rows.c.enqueued_at.is_(None), old)
    with read() as db:
        payloads = list(db.execute(left.order_by(outbox_rows.c.committed_at).limit(RELAYED_AT_MOST)).scalars())
    return sum(outbox.relay(CompleteOrder.decode(payload)) for payload in payloads)


def find_orphans(broker: Redis, suspects: set[str]) -> set[str]:
    """Look for every open message at the broker; close the finished, re-enqueue the missing, bury the dead.

    A message is an orphan when it was nowhere in two looks running: `suspects` is what the last look returned.
    """
    alive, dead = _open_messages()
    held = {
        sandbox: [held_key(worker.rq_name) for worker in workers]
        for sandbox, workers in fleet.living_in([*alive.keys() | dead.keys()]).items()
    }
    missing: set[str] = set()
    for sandbox, (seen, buried) in _seen(broker, held).items():
        _bury(broker, sandbox, {message: at for message, at in dead.get(sandbox, {}).items() if message not in buried})
        unseen = _settled([message for message in alive.get(sandbox, ()) if message not in seen])
        missing |= _look_again(broker, sandbox, held[sandbox], unseen, suspects) if unseen else set()
    return missing


def busy_sandboxes() -> set[str]:
    """Sandboxes with a message that is still to be worked on."""
    with read() as db:
        return set(db.execute(select(outbox_rows.c.sandbox).where(_OPEN, _ALIVE).distinct()).scalars())


def _open_messages() -> tuple[dict[str, list[str]], dict[str, dict[str, datetime]]]:
    """By sandbox: the messages that are to be worked on, and the dead ones with the moment of their death."""
    settled = utc_now() - timedelta(seconds=LOOK_AFTER_S)
    named = select(outbox_rows.c.sandbox, outbox_rows.c.message).where(_OPEN).order_by(outbox_rows.c.sandbox)
    died = named.add_columns(outbox_rows.c.dead_at).where(outbox_rows.c.dead_at < settled)
    by_sandbox = itemgetter(0)
    with read() as db:
        alive = groupby(db.execute(named.where(_ALIVE, outbox_rows.c.committed_at < settled)).all(), by_sandbox)
        dead = groupby(db.execute(died).all(), by_sandbox)
    return (
        {sandbox: [row[1] for row in rows] for sandbox, rows in alive},
        {sandbox: {row[1]: row[2] for row in rows} for sandbox, rows in dead},
    )


def _seen(broker: Redis, held: Mapping[str, Sequence[str]]) -> dict[str, tuple[set[str], set[str]]]:
    """By sandbox: the messages that the broker has somewhere, and those among the dead; one read for all."""
    with broker.pipeline(transaction=False) as pipe:
        for sandbox, keys in held.items():
            for key in (places.dead_key(sandbox), places.scheduled_key(sandbox), places.leases_key(sandbox)):
                pipe.zrange(key, 0, -1)
            for key in (places.queue_key(sandbox), *keys):
                pipe.lrange(key, 0, -1)
        answers = iter(pipe.execute())
    seen = {}
    for sandbox, keys in held.items():
        buried = _ids(next(answers))
        seen[sandbox] = (set().union(*(_ids(next(answers)) for _ in range(3 + len(keys)))), buried)
    return seen


def _ids(entries: Iterable[bytes]) -> set[str]:
    return {entry.partition(b":")[0].decode() for entry in entries}


def _settled(unseen: Sequence[str]) -> list[str]:
    """Those of them that rest: neither enqueued nor taken nor finished a moment ago."""
    settled = utc_now() - timedelta(seconds=LOOK_AFTER_S)
    rows = _rows(unseen[:MISSED_AT_MOST])
    return [row.message for row in rows if row.enqueued_at and max(row.enqueued_at, row.taken_at or settled) <= settled]


def _bury(broker: Redis, sandbox: str, died: dict[str, datetime]) -> None:
    """Put dead letters back among the dead, but for those that somebody works on right now."""
    if not died:
        return
    at_work = _ids(broker.zrange(places.leases_key(sandbox), 0, -1))  # type: ignore[arg-type]
    some = {message: at for message, at in list(died.items())[:MISSED_AT_MOST] if message not in at_work}
    if some:
        places.return_to_the_dead(broker, sandbox, some)


def _look_again(
    broker: Redis, sandbox: str, held: Sequence[str], unseen: Sequence[str], suspects: set[str]
) -> set[str]:
    """Where they are, in one step; those that were nowhere for the first time are returned."""
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
    messages = [CompleteOrder.decode(row.payload) for row in _rows(orphans)]
    if not messages:
        return
    places.forget(broker, sandbox, [message.id for message in messages])
    queues.enqueue_anew(sandbox, messages)
    told = [events.MessageRedelivered(order=m.order, message=m.id, reason="orphaned") for m in messages]
    with begin() as db:
        db.execute(update(outbox_rows).where(outbox_rows.c.message.in_(orphans)).values(due_at=None))
        events.append(sandbox, *told, db=db)


def _rows(messages: Collection[str]) -> list[Row[Any]]:
    """The rows of those that are still open and alive, the oldest first."""
    if not messages:
        return []
    chosen = select(outbox_rows).where(outbox_rows.c.message.in_(messages), _OPEN, _ALIVE)
    with read() as db:
        return list(db.execute(chosen.order_by(outbox_rows.c.committed_at)))
