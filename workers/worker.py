"""One worker: an RQ SimpleWorker whose lease is the sandbox's visibility time-out, in a process of its own.

Stock RQ 3 forgets a job when its worker dies between taking it and writing "started". Here a message is at every
moment in exactly one of: the queue, the list of the one worker that is taking it, or the leased ones.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, WatchError
from rq import Queue
from rq.exceptions import DeserializationError
from rq.executions import Execution
from rq.job import Job
from rq.utils import now, utcformat
from rq.worker import WorkerStatus

from workers import backpressure, chaos, connection_pool, early, outbox, places, retries, tasks, ways
from workers.attempts import Attempt
from workers.counting import Counter
from workers.database import DatabaseAway, utc_now
from workers.errors import Fenced, InProgress, UnknownMessage, UnknownSandbox
from workers.failures import Failure
from workers.lean_worker import LeanWorker
from workers.messages import CompleteOrder, queue_name
from workers.pulling import held_key, queue_that_pulls_into
from workers.queues import SignedJson, TicketJob
from workers.renewing import Renewer
from workers.sandboxes import settings_of

IDLE_HEARTBEAT_S = 5  # and at work as well at the latest, so that a long silence means the same
HOUSE_IN_TROUBLE = (RedisError, DatabaseAway)
NO_FAILURE = (*HOUSE_IN_TROUBLE, InProgress)  # of the message, which comes back when its lease is over
log = logging.getLogger("workers.worker")


class TicketWorker(LeanWorker):
    """Takes one message at a time, renews its lease while it works, and acknowledges after the work.

    Unless it is told otherwise: to let the lease run out, or to acknowledge before the work.
    """

    job_class = TicketJob
    max_connection_wait_time = 1.0

    def __init__(self, sandbox: str, name: str, rq_name: str, connection: Redis, doorbell: int) -> None:
        self.sandbox, self.short_name, self.doorbell = sandbox, name, doorbell
        self.queue_class = queue_that_pulls_into(held_key(rq_name), sandbox, lambda: self.low_every)
        self.low_every = 1
        self.lease_s = 8
        self.renews = True  # it extends the lease of what it is at
        self.in_time = True  # the last acknowledgement found its lease
        self.early = False  # what it is at is acknowledged before the work
        self.delivered: tuple[CompleteOrder, Attempt] | None = None
        queue = self.queue_class(queue_name(sandbox), connection=connection, job_class=TicketJob, serializer=SignedJson)
        # An idle RQ worker says that it lives whenever a wait of worker_ttl - 15 seconds ends.
        ttl = IDLE_HEARTBEAT_S + 15
        super().__init__([queue], name=rq_name, connection=connection, serializer=SignedJson, worker_ttl=ttl)
        tasks.begin_attempt.set(self.begin_attempt)
        tasks.worker_name.set(name)
        self.counter = Counter(name)
        self.renewer = Renewer()

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Lease, work, acknowledge, close the outbox row: in this order, so that a death anywhere loses nothing."""
        settings = settings_of(self.sandbox)
        self.lease_s, self.renews = int(settings["visibility_timeout_s"]), bool(settings["lease_renewal"])
        self.low_every = backpressure.low_every(settings)
        tasks.count.set(lambda ticket: self.counter.count(ticket, settings))
        try:
            execution = self.prepare_execution(job)
        except WatchError:
            log.warning("%s was pulled too long ago, and is somebody else's", job.id)
            return
        with self._renewing(job, execution):
            done = self.perform_job(job, queue, execution)
        if self.early:
            early.ended(self.name)
        elif done and self.delivered:
            self.close(*self.delivered)
        self.delivered, self.early = None, False
        with self.connection.pipeline() as pipe:
            pipe.delete(self.executions_key)  # it holds nothing any more, whatever became of it
            self.set_state(WorkerStatus.IDLE, pipeline=pipe)
            pipe.execute()

    def close(self, message: CompleteOrder, attempt: Attempt) -> None:
        """Close the outbox row; for work that was late only if nobody else has taken the message meanwhile."""
        if self.in_time:
            closed = outbox.close(message, self.short_name, attempt.number)
        elif closed := outbox.close_late(message, self.short_name, attempt.number):
            places.withdraw(self.connection, message)
        if not closed:
            outbox.ignored(message, self.short_name, attempt.number, "done already" if self.in_time else "lease lost")

    def begin_attempt(self, message: CompleteOrder) -> Attempt | None:
        """Count the delivery; None when the message is not to be worked on any more."""
        number = outbox.taken(message, self.short_name, self.lease_s, self.renews)
        if number is None:
            return None
        settings = settings_of(self.sandbox)
        if settings["acknowledge"] == "early" and not self.acknowledge_early(message, number):
            return None
        attempt = Attempt(
            where="worker",
            speed=float(settings["speed"]),
            idempotency=str(settings["idempotency"]),
            number=number,
            worker=self.short_name,
            message=message.id,
            reach=chaos.passing(self.sandbox, self.short_name, message.order, number, self.doorbell),
            idempotency_key=str(settings["idempotency_key"]),
            lease_s=self.lease_s,
            fencing=bool(settings["fencing"]),
            connect=connection_pool.lender(self.sandbox, settings),
            ways=ways.of(self.sandbox, settings, in_worker=True),
        )
        self.delivered = (message, attempt)
        return attempt

    def acknowledge_early(self, message: CompleteOrder, number: int) -> bool:
        """Let the broker forget the message before the work; False if its lease was lost, and it is another's.

        That this worker is at it is written down first: the order is running as long as its process lives.
        """
        [execution] = self.executions.values()
        self.early = True
        early.began(self.name, message)
        if not places.drop(self.connection, self.sandbox, execution, "finished"):
            return False
        outbox.close_early(message, self.short_name, number)
        return True

    def prepare_execution(self, job: Job) -> Execution:
        """Move the message from this worker's list under a lease, in one step. Raises WatchError if it has gone."""
        with self.connection.pipeline() as pipe:
            # Whoever was stopped here for a while has it no more: it went back to the queue.
            pipe.watch(held_key(self.name))  # type: ignore[no-untyped-call]
            if job.id.encode() not in pipe.lrange(held_key(self.name), 0, -1):
                raise WatchError
            pipe.multi()
            execution = Execution.create(job, self.lease_s, pipeline=pipe, worker_name=self.name)
            pipe.zadd(job.started_job_registry.key, {execution.composite_key: time.time() + self.lease_s})
            pipe.lrem(held_key(self.name), 1, job.id)
            job.prepare_for_execution(self.name, pipeline=pipe)
            pipe.persist(job.key)
            self.set_state(WorkerStatus.BUSY, pipeline=pipe)
            pipe.execute()
        self.executions[execution.id] = execution
        return execution

    def prepare_job_execution(self, job: Job, remove_from_intermediate_queue: bool = False) -> None:
        """Done already, together with the lease."""

    def _finalize_success(self, job: Job, queue: Queue, execution: Execution, return_value: Any) -> None:
        """Acknowledge, unless the lease was lost: in RQ a late one would overwrite what another worker does."""
        self.executions.pop(execution.id, None)
        if self.early:
            return
        self.in_time = places.drop(self.connection, self.sandbox, execution, "finished")
        if not self.in_time:
            log.warning("%s is done, but its lease was lost", job.id)

    def _finalize_failure(self, job: Job, queue: Queue, execution: Execution, exc_info: Any) -> None:
        """Work that failed is tried again later, or becomes a dead letter.

        What is not a message of ours is put aside; if there should be one, the audit misses it and sends it anew.
        When the house itself is in trouble, or another is at the same step, the lease runs out, and that is no failure
        of the message. Whose write was refused lets go of a message that is another's.
        """
        error = exc_info[1]
        log.warning("%s is not acknowledged: %s", job.id, error)
        self.executions.pop(execution.id, None)
        try:
            if self.early:
                self._abandon(error)
            elif isinstance(error, Fenced):
                places.let_go(self.connection, self.sandbox, execution)
            elif self.delivered and isinstance(error, Exception) and not isinstance(error, NO_FAILURE):
                self._give_up(execution, Failure(*self.delivered, error))
            elif isinstance(error, UnknownMessage | DeserializationError):
                places.bury(self.connection, self.sandbox, execution, utc_now())
        except (*HOUSE_IN_TROUBLE, UnknownSandbox) as trouble:
            log.warning("the failure of %s could not be settled: %s", job.id, trouble)

    def _give_up(self, execution: Execution, failure: Failure) -> None:
        """Settle a failure: first in the ledger, then at the broker; the reaper heals a death in between.

        Who has lost the lease meanwhile has no say: the message is on its queue again, or somebody else's.
        """
        if self.connection.zscore(places.leases_key(self.sandbox), execution.composite_key) is None:
            return
        verdict = retries.judge(failure)
        if verdict.fate == "retry":
            places.schedule(self.connection, self.sandbox, execution, verdict.at)
        elif verdict.at:
            places.bury(self.connection, self.sandbox, execution, verdict.at)
        else:
            places.drop(self.connection, self.sandbox, execution, "finished")

    def _abandon(self, error: BaseException) -> None:
        """Nobody tries it again, if the broker has forgotten it: whatever failed, the house's own trouble as well."""
        if self.delivered:
            early.abandoned(self.name, Failure(*self.delivered, error))

    @contextmanager
    def _renewing(self, job: Job, execution: Execution) -> Iterator[None]:
        """Say from a thread that it lives, and extend the lease, while the work is done in this one."""

        def renew() -> None:
            try:
                self._renew(job, execution)
            except RedisError as error:
                log.warning("could not renew the lease of %s: %s", job.id, error)

        with self.renewer.during(min(self.lease_s / 4, IDLE_HEARTBEAT_S), renew):
            yield

    def _renew(self, job: Job, execution: Execution) -> None:
        # xx: a lease that has been taken away is not taken back.
        with self.connection.pipeline() as pipe:
            if self.renews:
                until = {execution.composite_key: time.time() + self.lease_s}
                pipe.zadd(job.started_job_registry.key, until, xx=True)
            pipe.hset(self.key, "last_heartbeat", utcformat(now()))
            pipe.expire(self.key, self.lease_s + 60)
            pipe.expire(execution.key, self.lease_s + 60)
            pipe.execute()


def run(sandbox: str, name: str, rq_name: str, connection: Redis, doorbell: int) -> None:
    """Work until told to stop; the body of a forked process."""
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    os.environ["RQ_WORKER_ID"] = rq_name
    TicketWorker(sandbox, name, rq_name, connection, doorbell).work(logging_level="WARNING")
