"""Acknowledging: the right to do so is the lease, and who has lost it changes nothing for whoever has the message now.

Both are one Lua script, because a worker may be stopped for a minute between any two commands.
"""

from __future__ import annotations

from redis import Redis
from rq.executions import Execution

from workers.messages import CompleteOrder
from workers.queues import RESULT_TTL_S

_ACKNOWLEDGE = """
redis.call('SREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('DEL', KEYS[4])
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[5], 'status', 'finished')
redis.call('EXPIRE', KEYS[5], ARGV[2])
return 1
"""
# A message that still waits is taken off its queue. One that somebody has pulled meanwhile is hers.
_WITHDRAW = """
if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[2], 'status', 'finished')
redis.call('EXPIRE', KEYS[2], ARGV[2])
return 1
"""


def acknowledge(broker: Redis, queue: str, execution: Execution) -> bool:
    """The work is done: give up the lease, and let the broker remember that; False if the lease was lost."""
    keys = [
        f"rq:wip:{queue}",
        execution.worker_executions_key,
        f"rq:executions:{execution.job_id}",
        execution.key,
        f"rq:job:{execution.job_id}",
    ]
    return bool(broker.eval(_ACKNOWLEDGE, len(keys), *keys, execution.composite_key, RESULT_TTL_S))


def withdraw(broker: Redis, message: CompleteOrder) -> bool:
    """Nobody needs to do this message again; False if it does not wait on its queue."""
    keys = [f"rq:queue:{message.queue}", f"rq:job:{message.id}"]
    return bool(broker.eval(_WITHDRAW, len(keys), *keys, message.id, RESULT_TTL_S))
