"""The only door in: messages go to RQ under a deterministic id, signed, and naming only functions of ours."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from typing import Any

from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.job import Job

from workers import places, pulling
from workers.connections import broker
from workers.errors import UnknownMessage
from workers.idempotency import seen
from workers.messages import CompleteOrder, CountEvents, RefreshBestsellers, low_queue_name, queue_name
from workers.settings import current

# One line a message: what it is, and the function that does it. The path is wire format: renaming it loses messages.
TASKS: dict[type, str] = {
    CompleteOrder: "workers.tasks.complete_order",
    CountEvents: "workers.tasks.count_events",
    RefreshBestsellers: "workers.tasks.refresh_bestsellers",
}
RESULT_TTL_S = 3600  # how long the broker remembers an acknowledgement, for the audit to find
_DIGEST = "sha256"


class SignedJson:
    """RQ's serializer: JSON, behind a signature, so that nobody who can write to Redis can make us run code."""

    @staticmethod
    def dumps(value: Any) -> bytes:
        body = json.dumps(value).encode()
        return _signature(body) + body

    @staticmethod
    def loads(data: bytes) -> Any:
        signature, body = data[:64], data[64:]
        if not hmac.compare_digest(signature, _signature(body)):
            raise UnknownMessage("The signature of a message is wrong.")
        return json.loads(body)


class TicketJob(Job):
    """A job that runs only the functions of the table above; RQ itself would import any dotted name."""

    @property
    def func(self) -> Any:
        if self.func_name not in TASKS.values():
            raise UnknownMessage(f"{self.func_name} is not a task of ours.")
        return super().func


def enqueue(message: CompleteOrder | RefreshBestsellers, at_front: bool = False) -> None:
    """Put a message on its queue; putting it there twice is putting it there once."""
    job = {"job_id": message.id, "unique": True, "at_front": at_front, "result_ttl": RESULT_TTL_S, "job_timeout": 300}
    try:
        _queue(message.sandbox).enqueue(TASKS[type(message)], message.encode(), description=message.id, **job)
    except DuplicateJobError:
        return


def enqueue_anew(sandbox: str, messages: Sequence[CompleteOrder]) -> None:
    """Put messages of one sandbox on its queue that the broker does not have, in one round trip.

    Whoever calls this has made sure of that: unlike `enqueue`, it would put a second one beside the first.
    """
    jobs = [
        Queue.prepare_data(
            TASKS[type(message)],
            (message.encode(),),
            job_id=message.id,
            description=message.id,
            result_ttl=RESULT_TTL_S,
            timeout=300,
        )
        for message in messages
    ]
    _queue(sandbox).enqueue_many(jobs)


def enqueue_ticket(message: CountEvents, passed_by_others: bool) -> None:
    """Put a ticket on its queue, or where others pass it; its job is the same, wherever its id waits."""
    queue = _queue(message.sandbox)
    job = queue.create_job(
        TASKS[CountEvents], (message.encode(),), job_id=message.id, description=message.id, result_ttl=60, timeout=60
    )
    with broker().pipeline() as pipe:
        queue._prepare_for_queue(job)
        queue._persist_job(job, pipe)
        pulling.push(pipe, message.sandbox, message.id, passed_by_others)
        pipe.execute()


def forget_tickets(sandbox: str, messages: Sequence[str]) -> None:
    """Take tickets off their queues, oldest first, so that each is found at the head."""
    with broker().pipeline() as pipe:
        for message in messages:
            for key in (places.queue_key(sandbox), pulling.low_key(sandbox)):
                pipe.lrem(key, 1, message)
            pipe.unlink(f"rq:job:{message}")
        pipe.execute()


def drop(sandbox: str) -> None:
    """Delete the queue of a deleted sandbox, with what waits there, for its next try, or as a dead letter.

    The keys that its workers have seen are forgotten, too.
    """
    seen.forget(broker(), sandbox)
    _queue(sandbox).delete(delete_jobs=True)
    Queue(low_queue_name(sandbox), connection=broker()).delete(delete_jobs=True)
    for key in (places.scheduled_key(sandbox), places.dead_key(sandbox)):
        messages: Any = broker().zrange(key, 0, -1)
        broker().delete(key, *(b"rq:job:" + message for message in messages))


def _queue(sandbox: str) -> Queue:
    return Queue(queue_name(sandbox), connection=broker(), job_class=TicketJob, serializer=SignedJson)


def _signature(body: bytes) -> bytes:
    return hmac.new(current().secret_key.encode(), body, _DIGEST).hexdigest().encode()
