"""A worker process that does no work and dies, for certain, at the one moment that a test asks for."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from workers import checkout, connections, outbox, places
from workers.errors import StepUnavailable
from workers.pulling import held_key
from workers.worker import TicketWorker


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def do_nothing(*_: Any) -> None:
    """The work itself is not the point."""


def fail(*_: Any) -> None:
    raise StepUnavailable("The partner answered 503.", "partner answered 503")


def fail_after_losing_the_lease(worker: TicketWorker) -> Any:
    """As if it had been stopped in the middle for so long that somebody else has the message by now."""

    def work(*_: Any) -> None:
        connection, leases = connections.new_client(), places.leases_key(worker.sandbox)
        found: Any = connection.zrange(leases, 0, -1)
        connection.zrem(leases, *found)
        connection.zadd(leases, {found[0].partition(b":")[0] + b":another": 2_000_000_000})
        fail()

    return work


def pull_and_lose_the_answer(worker: TicketWorker) -> None:
    """The broker moves the message, and its connection ends before it can say so."""
    queue = worker.queues[0]
    worker.connection.lmove(queue.key, held_key(worker.name))


def main(sandbox: str, rq_name: str, moment: str) -> None:
    """Take one message and die: "pulled", "leased", "worked", "acknowledged", "judged"; or live with any other."""
    setattr(checkout, "complete_order", do_nothing)  # noqa: B010 (to mypy it is not to be assigned)
    worker = TicketWorker(sandbox, "w1", rq_name, connections.new_client(), doorbell=-1)
    moments: dict[str, tuple[Any, str]] = {
        "pulled": (TicketWorker, "prepare_execution"),
        "leased": (TicketWorker, "perform_job"),
        "worked": (TicketWorker, "_finalize_success"),
        "acknowledged": (outbox, "close"),
        "judged": (places, "_leave"),
    }
    if moment in moments:
        setattr(*moments[moment], die)
    if moment in ("judged", "fails"):
        setattr(checkout, "complete_order", fail)  # noqa: B010
    if moment == "loses its lease":
        setattr(checkout, "complete_order", fail_after_losing_the_lease(worker))  # noqa: B010
    if moment == "deaf":
        pull_and_lose_the_answer(worker)
    worker.work(max_jobs=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
