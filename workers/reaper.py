"""Brings messages back: when the lease of a worker that is gone is over, when a retry is due, or at once when the
work had not begun.

Each move is one Lua script, so it happens wholly or not at all, and doing it twice is doing it once.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis import Redis
from sqlalchemy import select, update

from workers import events, places
from workers.database import begin, read, utc_now
from workers.messages import order_of, queue_name
from workers.places import leases_key, queue_key, scheduled_key
from workers.pulling import held_key
from workers.tables import outbox

DUE_AT_MOST = 500  # retries of one sandbox that come back in one round

# An expired lease goes, and its message, unless it is finished, returns to the head of the queue.
_EXPIRE = """
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('DEL', KEYS[4])
local status = redis.call('HGET', KEYS[3], 'status')
if not status or status == 'finished' then return 0 end
redis.call('HSET', KEYS[3], 'status', 'queued')
redis.call('LPUSH', KEYS[2], ARGV[2])
return 1
"""
# What a dead worker had pulled but not leased returns to the head; the deliveries count does not grow.
_GIVE_BACK = "return redis.call('LMOVE', KEYS[1], KEYS[2], 'RIGHT', 'LEFT')"


@dataclass(frozen=True)
class Held:
    """What a worker had under a lease when it ended, and when that lease ends."""

    job: str
    back_at: datetime

    @property
    def order(self) -> int | None:
        return order_of(self.job)


def bring_back(broker: Redis, sandboxes: Iterable[str]) -> int:
    """Redeliver the messages of leases that are over, and those whose retry is due; one read for all queues."""
    named = list(sandboxes)
    with broker.pipeline(transaction=False) as pipe:
        for sandbox in named:
            pipe.zrangebyscore(leases_key(sandbox), "-inf", time.time())
            pipe.zrangebyscore(scheduled_key(sandbox), "-inf", time.time(), 0, DUE_AT_MOST)
        found = [[entry.decode() for entry in entries] for entries in pipe.execute()]
    brought = 0
    for sandbox, expired, due in zip(named, found[::2], found[1::2], strict=True):
        brought += expire_leases(broker, sandbox, expired) if expired else 0
        brought += _come_due(broker, sandbox, due) if due else 0
    return brought


def expire_leases(broker: Redis, sandbox: str, entries: list[str]) -> int:
    """Redeliver the messages of leases that are over; the number of them."""
    jobs = {entry: entry.partition(":")[0] for entry in entries}
    died = _dead_among(list(jobs.values()))
    redelivered = []
    for entry, job in jobs.items():
        keys = [leases_key(sandbox), queue_key(sandbox), f"rq:job:{job}", f"rq:execution:{entry}"]
        if broker.eval(_EXPIRE, len(keys), *keys, entry, job) and job not in died:
            redelivered.append(job)
    if died:  # its worker died before it could tell the broker
        places.return_to_the_dead(broker, sandbox, died)
    _say(sandbox, "lease expired", *redelivered)
    return len(redelivered)


def _dead_among(messages: list[str]) -> dict[str, datetime]:
    """Those that the ledger says are dead letters, and since when."""
    dead = select(outbox.c.message, outbox.c.dead_at).where(outbox.c.dead_at.is_not(None))
    with read() as db:
        return {row.message: row.dead_at for row in db.execute(dead.where(outbox.c.message.in_(messages)))}


def _come_due(broker: Redis, sandbox: str, messages: list[str]) -> int:
    moved = places.come_due(broker, sandbox, messages)
    _say(sandbox, "retry due", *moved)
    return len(moved)


def held_by(broker: Redis, sandbox: str, rq_name: str) -> Held | None:
    """The message that this worker has under a lease, if any."""
    executions: Any = broker.smembers(f"rq:worker:{rq_name}:executions")
    for entry in executions:
        until = broker.zscore(leases_key(sandbox), entry)
        if until is not None:
            return Held(entry.decode().partition(":")[0], datetime.fromtimestamp(until, UTC))
    return None


def left_by(broker: Redis, rq_name: str) -> list[str]:
    """What a worker was at when it ended, as entries of leases, also if its lease had been lost before."""
    executions: Any = broker.smembers(f"rq:worker:{rq_name}:executions")
    return [entry.decode() for entry in executions]


def forget(broker: Redis, sandbox: str, rq_name: str) -> None:
    """After a worker's end: RQ knows it no more."""
    with broker.pipeline() as pipe:
        pipe.srem("rq:workers", f"rq:worker:{rq_name}")
        pipe.srem(f"rq:workers:{queue_name(sandbox)}", f"rq:worker:{rq_name}")
        pipe.delete(f"rq:worker:{rq_name}", f"rq:worker:{rq_name}:executions")
        pipe.execute()


def give_back(broker: Redis, sandbox: str, rq_name: str) -> None:
    """Return what a worker has pulled and cannot start: it has ended, or it stands still."""
    while job := broker.eval(_GIVE_BACK, 2, held_key(rq_name), queue_key(sandbox)):
        _say(sandbox, "never started", job.decode())


def _say(sandbox: str, reason: str, *messages: str) -> None:
    if not messages:
        return
    told = [events.MessageRedelivered(order=order_of(job), message=job, reason=reason) for job in messages]
    # Unless somebody took it meanwhile, failed as well, and it waits for the next try.
    waited = update(outbox).where(outbox.c.message.in_(messages), outbox.c.due_at <= utc_now())
    with begin() as db:
        db.execute(waited.values(due_at=None))
        events.append(sandbox, *told, db=db)
