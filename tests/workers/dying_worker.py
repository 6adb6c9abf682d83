"""A worker process that does no work and dies, for certain, at the one moment that a test asks for."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from workers import checkout, connections, outbox
from workers.worker import TicketWorker, held_key


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def do_nothing(*_: Any) -> None:
    """The work itself is not the point."""


def pull_and_lose_the_answer(worker: TicketWorker) -> None:
    """The broker moves the message, and its connection ends before it can say so."""
    queue = worker.queues[0]
    worker.connection.lmove(queue.key, held_key(worker.name))


def main(sandbox: str, rq_name: str, moment: str) -> None:
    """Take one message and die: "pulled", "leased", "worked", "acknowledged"; or live: "pass", "deaf"."""
    setattr(checkout, "complete_order", do_nothing)  # noqa: B010 (to mypy it is not to be assigned)
    worker = TicketWorker(sandbox, "w1", rq_name, connections.new_client(), doorbell=-1)
    places: dict[str, tuple[Any, str]] = {
        "pulled": (TicketWorker, "prepare_execution"),
        "leased": (TicketWorker, "perform_job"),
        "worked": (TicketWorker, "_finalize_success"),
        "acknowledged": (outbox, "close"),
    }
    if moment in places:
        setattr(*places[moment], die)
    if moment == "deaf":
        pull_and_lose_the_answer(worker)
    worker.work(max_jobs=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
