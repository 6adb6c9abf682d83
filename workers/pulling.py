"""How a worker pulls a message from its queue: into a list of its own, so that a message is never nowhere."""

from __future__ import annotations

from typing import Any

from redis import Redis
from rq import Queue
from rq.exceptions import DequeueTimeout


def held_key(rq_name: str) -> str:
    """The list of the message that this worker has pulled but not yet leased; at most one."""
    return f"ticketwheel:held:{rq_name}"


def queue_that_pulls_into(held: str) -> type[Queue]:
    """RQ's queue, pulling into a list that only one worker uses, so that what a dead worker held is known."""

    class PrivateQueue(Queue):
        @classmethod
        def lmove(cls, connection: Redis, queue_key: str, timeout: int | None) -> tuple[str, Any]:
            job_id = _left_over(connection, held) or connection.blmove(queue_key, held, timeout or 1)
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
