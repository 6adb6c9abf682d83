"""How a worker pulls a message from its queue: into a list of its own, so that a message is never nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from redis import Redis
from redis.client import Pipeline
from rq import Queue
from rq.exceptions import DequeueTimeout

from workers.messages import low_queue_name, queue_name

# A low message goes where others pass it only behind somebody else. With nobody before it, it goes to the first
# queue, where idle workers wait: so none of them ever sleeps while a message lies in the second one.
_PUSH_LOW = """
local alone = redis.call('LLEN', KEYS[1]) == 0 and redis.call('LLEN', KEYS[2]) == 0
return redis.call('RPUSH', alone and KEYS[1] or KEYS[2], ARGV[1])
"""
# From the first queue that has one into the worker's own list; at every so-manieth turn the second queue is first.
_PULL = """
local first, second = KEYS[1], KEYS[2]
local every = tonumber(ARGV[1])
if every > 0 and redis.call('LLEN', second) > 0 and redis.call('LLEN', first) > 0 then
  if redis.call('INCR', KEYS[4]) % every == 0 then first, second = second, first end
  redis.call('EXPIRE', KEYS[4], 3600)
end
return redis.call('LMOVE', first, KEYS[3], 'LEFT', 'RIGHT') or redis.call('LMOVE', second, KEYS[3], 'LEFT', 'RIGHT')
"""


def held_key(rq_name: str) -> str:
    """The list of the message that this worker has pulled but not yet leased; at most one."""
    return f"ticketwheel:held:{rq_name}"


def low_key(sandbox: str) -> str:
    return f"rq:queue:{low_queue_name(sandbox)}"


def push(pipe: Pipeline, sandbox: str, message: str, passed_by_others: bool) -> None:
    """To the end of its queue, as a part of the caller's transaction."""
    first = f"rq:queue:{queue_name(sandbox)}"
    if passed_by_others:
        pipe.eval(_PUSH_LOW, 2, first, low_key(sandbox), message)
    else:
        pipe.rpush(first, message)


def queue_that_pulls_into(held: str, sandbox: str, low_every: Callable[[], int]) -> type[Queue]:
    """RQ's queue, pulling into a list that only one worker uses, so that what a dead worker held is known.

    It looks into two queues without listening on two, and sleeps at the first only when both were empty.
    """
    keys = (low_key(sandbox), held, f"ticketwheel:turns:{sandbox}")

    class PrivateQueue(Queue):
        @classmethod
        def lmove(cls, connection: Redis, queue_key: str, timeout: int | None) -> tuple[str, Any]:
            job_id = _left_over(connection, held)
            job_id = job_id or connection.eval(_PULL, 4, queue_key, *keys, low_every())
            job_id = job_id or connection.blmove(queue_key, held, timeout or 1)
            if job_id is None:
                raise DequeueTimeout(timeout, queue_key)
            return queue_key, job_id

    return PrivateQueue


def _left_over(connection: Redis, held: str) -> Any:
    """A message that this worker pulled without hearing of it, because the broker died before it could answer."""
    left: Any = connection.lrange(held, 0, -1)
    for job_id in left:
        if connection.exists(b"rq:job:" + job_id):
            return job_id
        connection.lrem(held, 1, job_id)  # gone from the broker; if it is not done, the audit misses it
    return None
