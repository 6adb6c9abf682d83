"""What the broker says of many sandboxes, asked in one round trip with commands that change nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from redis import Redis
from sqlalchemy import Row

from workers.database import utc_now
from workers.messages import queue_name
from workers.pulling import low_key

HEAD = 12
# How much waits in the second queue, and what all that waits takes in bytes: the lists as they are, and as many jobs
# as wait, each as large as the first and the last on the average. Asked of each job, it would cost more than it tells.
_WAITING = """
local bytes = 0
for _, key in ipairs(KEYS) do
  local many = redis.call('LLEN', key)
  if many > 0 then
    bytes = bytes + redis.call('MEMORY', 'USAGE', key)
    local ends = {redis.call('LINDEX', key, 0), redis.call('LINDEX', key, -1)}
    for _, id in ipairs(ends) do bytes = bytes + many / 2 * (redis.call('MEMORY', 'USAGE', 'rq:job:' .. id) or 0) end
  end
end
return {redis.call('LLEN', KEYS[2]), math.floor(bytes)}
"""
LEADER_KEY = "ticketwheel:supervisor"  # there as long as a supervisor leads


@dataclass(frozen=True)
class WorkerReading:
    """One worker's own word: the age of its last heartbeat in seconds, and the message that it holds.

    `lease_until` (epoch seconds) is the broker's word: None when it has no lease of this worker.
    """

    heartbeat_age_s: float | None
    job: str | None
    lease_until: float | None = None
    heartbeat_at: datetime | None = None


@dataclass(frozen=True)
class Reading:
    """Both queues of a sandbox: length, the first one's head, leases (message → end in epoch seconds), workers."""

    depth: int
    head: tuple[str, ...]
    leases: dict[str, float]
    workers: dict[str, WorkerReading] = field(default_factory=dict)
    supervised: bool = True  # a supervisor leads
    scheduled: int = 0  # retries that are not due yet
    low_depth: int = 0  # of `depth`: what waits in the queue that others pass
    memory_bytes: int = 0  # what waits takes at the broker, estimated


def ask(broker: Redis, living: dict[str, list[Row[Any]]]) -> dict[str, Reading]:
    """Read the queues of these sandboxes and the records of their living workers."""
    with broker.pipeline(transaction=False) as pipe:
        for sandbox, workers in living.items():
            queue = queue_name(sandbox)
            pipe.llen(f"rq:queue:{queue}")
            pipe.lrange(f"rq:queue:{queue}", 0, HEAD - 1)
            pipe.zrange(f"rq:wip:{queue}", 0, -1, withscores=True)
            pipe.zcard(f"rq:scheduled:{queue}")
            pipe.eval(_WAITING, 2, f"rq:queue:{queue}", low_key(sandbox))
            for row in workers:
                pipe.hget(f"rq:worker:{row.rq_name}", "last_heartbeat")
                pipe.smembers(f"rq:worker:{row.rq_name}:executions")
        pipe.exists(LEADER_KEY)
        *said, leader = pipe.execute()
    answers = iter(said)
    return {sandbox: _reading(answers, workers, bool(leader)) for sandbox, workers in living.items()}


def _reading(answers: Any, workers: list[Row[Any]], supervised: bool) -> Reading:
    depth, head, entries, scheduled, (low, memory) = (next(answers) for _ in range(5))
    leased = dict(entries)
    seen = {row.name: _worker(next(answers), next(answers), leased) for row in workers}
    leases = {_job(entry): until for entry, until in leased.items()}
    queued = tuple(job.decode() for job in head)
    return Reading(depth + low, queued, leases, seen, supervised, scheduled, low, memory)


def _worker(heartbeat: bytes | None, executions: set[bytes], leased: dict[bytes, float]) -> WorkerReading:
    """A worker whose lease is over while it stands still believes that it holds the message, and it is shown so."""
    # Hundreds of these are read every second, and RQ's own utcparse takes ten times as long.
    at = datetime.fromisoformat(heartbeat.decode()) if heartbeat else None
    age = round((utc_now() - at).total_seconds(), 1) if at else None
    held = max(executions, key=lambda entry: leased.get(entry, 0.0), default=None)
    job, lease_until = (_job(held), leased.get(held)) if held else (None, None)
    return WorkerReading(age, job, lease_until, at)


def _job(entry: bytes) -> str:
    return entry.decode().partition(":")[0]
