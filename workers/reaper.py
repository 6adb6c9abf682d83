"""Brings messages back whose worker is gone: when the lease is over, or at once when the work had not begun.

Each move is one Lua script, so it happens wholly or not at all, and doing it twice is doing it once.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis import Redis

from workers import events
from workers.messages import order_of, queue_name
from workers.worker import held_key

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


def expire_leases(broker: Redis, sandboxes: Iterable[str]) -> int:
    """Redeliver the messages of every lease that is over; the number of them. One read for all queues."""
    named = list(sandboxes)
    with broker.pipeline(transaction=False) as pipe:
        for sandbox in named:
            pipe.zrangebyscore(_leases(sandbox), "-inf", time.time())
        found = pipe.execute()
    expired = [(sandbox, entry.decode()) for sandbox, entries in zip(named, found, strict=True) for entry in entries]
    return sum(_expire(broker, sandbox, entry) for sandbox, entry in expired)


def _expire(broker: Redis, sandbox: str, entry: str) -> int:
    job = entry.partition(":")[0]
    keys = [_leases(sandbox), _queue(sandbox), f"rq:job:{job}", f"rq:execution:{entry}"]
    redelivered = int(broker.eval(_EXPIRE, len(keys), *keys, entry, job))
    if redelivered:
        _say(sandbox, job, "lease expired")
    return redelivered


def held_by(broker: Redis, sandbox: str, rq_name: str) -> Held | None:
    """The message that this worker has under a lease, if any."""
    executions: Any = broker.smembers(f"rq:worker:{rq_name}:executions")
    for entry in executions:
        until = broker.zscore(_leases(sandbox), entry)
        if until is not None:
            return Held(entry.decode().partition(":")[0], datetime.fromtimestamp(until, UTC))
    return None


def give_back(broker: Redis, sandbox: str, rq_name: str) -> None:
    """After a worker's end: return what it had only just pulled, and let RQ forget the worker."""
    give_back_unstarted(broker, sandbox, rq_name)
    with broker.pipeline() as pipe:
        pipe.srem("rq:workers", f"rq:worker:{rq_name}")
        pipe.srem(f"rq:workers:{queue_name(sandbox)}", f"rq:worker:{rq_name}")
        pipe.delete(f"rq:worker:{rq_name}", f"rq:worker:{rq_name}:executions")
        pipe.execute()


def give_back_unstarted(broker: Redis, sandbox: str, rq_name: str) -> None:
    """Return what a worker has pulled and cannot start: it has ended, or it stands still."""
    while job := broker.eval(_GIVE_BACK, 2, held_key(rq_name), _queue(sandbox)):
        _say(sandbox, job.decode(), "never started")


def _say(sandbox: str, job: str, reason: str) -> None:
    events.append(sandbox, events.MessageRedelivered(order=order_of(job), message=job, reason=reason))


def _leases(sandbox: str) -> str:
    return f"rq:wip:{queue_name(sandbox)}"


def _queue(sandbox: str) -> str:
    return f"rq:queue:{queue_name(sandbox)}"
