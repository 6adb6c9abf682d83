"""Where a message can be at the broker, and how it moves from one place to another: each move is one Lua script.

A script happens wholly or not at all, and doing it twice is doing it once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from redis import Redis
from rq.executions import Execution

from workers.messages import CompleteOrder, queue_name

FORGOTTEN_AFTER_S = 3600  # how long the broker keeps what it need not keep
# RQ's own programs forget an entry of the dead set when its score is past.
DEAD_FOR = timedelta(days=365)

# An ended execution's lease goes; its message gets a status, and another place unless there is none for it.
_LEAVE = """
redis.call('DEL', KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[2])
redis.call('SREM', KEYS[4], ARGV[1])
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
if redis.call('EXISTS', KEYS[5]) == 1 then redis.call('HSET', KEYS[5], 'status', ARGV[4]) end
if ARGV[5] == 'queue' then redis.call('RPUSH', KEYS[6], ARGV[3])
elseif ARGV[5] == 'nowhere' then redis.call('EXPIRE', KEYS[5], ARGV[6])
else redis.call('ZADD', KEYS[6], ARGV[6], ARGV[3]) end
return 1
"""
# What is due goes to the end of the queue, unless it was finished by somebody else meanwhile.
_COME_DUE = """
local moved = {}
for _, id in ipairs(ARGV) do
  if redis.call('ZREM', KEYS[1], id) == 1 then
    local status = redis.call('HGET', 'rq:job:' .. id, 'status')
    if status and status ~= 'finished' then
      redis.call('HSET', 'rq:job:' .. id, 'status', 'queued')
      redis.call('RPUSH', KEYS[2], id)
      moved[#moved + 1] = id
    end
  end
end
return moved
"""
# Dead letters go to the end of the queue; those are returned of which the broker no longer has the job.
_REPLAY = """
local gone, back = {}, {}
for _, id in ipairs(ARGV) do
  local there = redis.call('ZREM', KEYS[1], id)
  if redis.call('EXISTS', 'rq:job:' .. id) == 0 then
    gone[#gone + 1] = id
  elseif there == 1 or not redis.call('LPOS', KEYS[2], id) then
    redis.call('HSET', 'rq:job:' .. id, 'status', 'queued')
    redis.call('PERSIST', 'rq:job:' .. id)
    back[#back + 1] = id
  end
end
for from = 1, #back, 1000 do redis.call('RPUSH', KEYS[2], unpack(back, from, math.min(from + 999, #back))) end
return gone
"""
# Dead letters, wherever they were found, go to the dead set.
_BURY = """
for i = 1, #ARGV, 2 do
  local status = redis.call('HGET', 'rq:job:' .. ARGV[i], 'status')
  if status == 'queued' then redis.call('LREM', KEYS[2], 0, ARGV[i]) end
  redis.call('ZREM', KEYS[3], ARGV[i])
  redis.call('ZADD', KEYS[1], ARGV[i + 1], ARGV[i])
  if status then
    redis.call('HSET', 'rq:job:' .. ARGV[i], 'status', 'failed')
    redis.call('PERSIST', 'rq:job:' .. ARGV[i])
  end
end
"""
# The same for one that a dead worker had; its lease goes.
_BURY_LEFT = f"""
redis.call('ZREM', KEYS[4], table.remove(ARGV))
redis.call('DEL', KEYS[5])
{_BURY}"""
_FORGET = """
for _, id in ipairs(ARGV) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('DEL', 'rq:job:' .. id)
end
"""
_REPEAT = """
local status = redis.call('HGET', KEYS[2], 'status')
if not status then return 0 end
if status == 'finished' then redis.call('HSET', KEYS[2], 'status', 'queued') end
redis.call('PERSIST', KEYS[2])
redis.call('RPUSH', KEYS[1], ARGV[1])
return 1
"""
# A message that still waits is taken off its queue. One that somebody has pulled meanwhile is hers.
_WITHDRAW = """
if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[2], 'status', 'finished')
redis.call('EXPIRE', KEYS[2], ARGV[2])
return 1
"""


def queue_key(sandbox: str) -> str:
    return f"rq:queue:{queue_name(sandbox)}"


def leases_key(sandbox: str) -> str:
    return f"rq:wip:{queue_name(sandbox)}"


def scheduled_key(sandbox: str) -> str:
    return f"rq:scheduled:{queue_name(sandbox)}"


def dead_key(sandbox: str) -> str:
    return f"rq:failed:{queue_name(sandbox)}"


def schedule(broker: Redis, sandbox: str, execution: Execution, due_at: datetime | None) -> bool:
    """From under its lease to the scheduled, or at once to the queue; False if the lease is another's by now."""
    if due_at is None:
        return _leave(broker, sandbox, execution, queue_key(sandbox), "queued", "queue", 0)
    return _leave(broker, sandbox, execution, scheduled_key(sandbox), "scheduled", "set", due_at.timestamp())


def bury(broker: Redis, sandbox: str, execution: Execution, dead_at: datetime) -> bool:
    """From under its lease to the dead; False if the lease is another's by now."""
    return _leave(broker, sandbox, execution, dead_key(sandbox), "failed", "set", _kept_until(dead_at))


def bury_left(broker: Redis, sandbox: str, entry: str, dead_at: datetime) -> None:
    """From under the lease of a worker that has ended, or from wherever it is by now, to the dead."""
    keys = [dead_key(sandbox), queue_key(sandbox), scheduled_key(sandbox), leases_key(sandbox), f"rq:execution:{entry}"]
    pair = (entry.partition(":")[0], _kept_until(dead_at))
    broker.eval(_BURY_LEFT, len(keys), *keys, *pair, entry)


def drop(broker: Redis, sandbox: str, execution: Execution, status: str) -> bool:
    """From under its lease to nowhere; False if the lease is another's by now."""
    return _leave(broker, sandbox, execution, "", status, "nowhere", FORGOTTEN_AFTER_S)


def let_go(broker: Redis, sandbox: str, execution: Execution) -> None:
    """The lease goes, and the message stays wherever else it is: it is another's."""
    with broker.pipeline() as pipe:
        pipe.delete(execution.key)
        pipe.zrem(f"rq:executions:{execution.job_id}", execution.id)
        pipe.srem(execution.worker_executions_key, execution.composite_key)
        pipe.zrem(leases_key(sandbox), execution.composite_key)
        pipe.execute()


def _leave(
    broker: Redis, sandbox: str, execution: Execution, target: str, status: str, place: str, number: float
) -> bool:
    entry, job = execution.composite_key, execution.job_id
    record = [execution.key, f"rq:executions:{job}", execution.worker_executions_key]
    keys = [leases_key(sandbox), *record, f"rq:job:{job}", target]
    return bool(broker.eval(_LEAVE, len(keys), *keys, entry, execution.id, job, status, place, number))


def come_due(broker: Redis, sandbox: str, messages: Sequence[str]) -> list[str]:
    """From the scheduled to the end of the queue; those that went."""
    moved: Any = broker.eval(_COME_DUE, 2, scheduled_key(sandbox), queue_key(sandbox), *messages)
    return [message.decode() for message in moved]


def replay(broker: Redis, sandbox: str, messages: Sequence[str]) -> list[str]:
    """From the dead to the end of the queue; those that the broker does not know any more."""
    gone: Any = broker.eval(_REPLAY, 2, dead_key(sandbox), queue_key(sandbox), *messages)
    return [message.decode() for message in gone]


def return_to_the_dead(broker: Redis, sandbox: str, died: dict[str, datetime]) -> None:
    """From wherever they are to the dead, with the moments at which they died."""
    pairs = [part for message, at in died.items() for part in (message, _kept_until(at))]
    broker.eval(_BURY, 3, dead_key(sandbox), queue_key(sandbox), scheduled_key(sandbox), *pairs)


def forget(broker: Redis, sandbox: str, messages: Sequence[str]) -> None:
    """From the dead to nowhere."""
    broker.eval(_FORGET, 1, dead_key(sandbox), *messages)


def repeat(broker: Redis, sandbox: str, message: str) -> bool:
    """Put a message on the queue once more, wherever else it is; False if the broker does not know it."""
    return bool(broker.eval(_REPEAT, 2, queue_key(sandbox), f"rq:job:{message}", message))


def withdraw(broker: Redis, message: CompleteOrder) -> bool:
    """From its queue to nowhere, because it need not be done again; False if it does not wait there."""
    keys = [queue_key(message.sandbox), f"rq:job:{message.id}"]
    return bool(broker.eval(_WITHDRAW, len(keys), *keys, message.id, FORGOTTEN_AFTER_S))


def _kept_until(dead_at: datetime) -> float:
    return (dead_at + DEAD_FOR).timestamp()
