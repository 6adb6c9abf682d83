"""The process that runs experiments: a few at a time, in the order in which they were asked for."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time

from sqlalchemy.exc import OperationalError

from workers import sandboxes
from workers.database import DatabaseAway
from workers.errors import HouseFull
from workers.experiments import conduct, line
from workers.experiments.conduct import Finished
from workers.experiments.line import Experiment
from workers.lifeline import die_with_parent
from workers.settings import current

LOOK_EVERY_S, FULL_HOUSE_S = 0.2, 2.0
log = logging.getLogger("workers.experiments")


def serve(name: str, stop: threading.Event) -> None:
    """Run what is asked for until told to stop; each run has a few workers that wait for most of their time."""
    for left in line.begun_by(name):
        _keep(left, conduct.cut_off())
    free = threading.Semaphore(current().experiments_at_once)
    while not stop.wait(LOOK_EVERY_S):
        try:
            while line.waiting() and free.acquire(blocking=False):
                # A daemon does not keep the process from ending: the next start says that its run was cut off.
                threading.Thread(target=_next, args=(name, free), daemon=True).start()
        except (OperationalError, DatabaseAway) as error:
            log.warning("waiting for the database: %s", error)


def _next(name: str, free: threading.Semaphore) -> None:
    """Run the one that has waited longest, if nobody else was quicker."""
    try:
        if (run := line.claim(name)) and not perform(run):
            time.sleep(FULL_HOUSE_S)
    finally:
        free.release()


def perform(run: Experiment) -> bool:
    """Run one, and keep what came of it. An error of ours is an answer as well: cannot tell.

    False if all seats for sandboxes that are awake are taken: then it waits in its old place in the line.
    """
    asked = run.asked
    try:
        sandboxes.wake(run.stage)
        finished = conduct.run(run.stage, run.token, asked.scenario, asked.changes, run.seed)
    except HouseFull:
        line.step_back(run.id)
        return False
    except Exception:
        log.exception("experiment %s of %s %s failed", run.id, asked.question, asked.option)
        finished = conduct.failed()
    _keep(run, finished)
    return True


def _keep(run: Experiment, finished: Finished) -> None:
    """Write down what came of a run, and take its stage down; a database that is away is waited for."""
    while True:
        try:
            line.finish(run.id, finished)
            sandboxes.delete(run.stage)
            return
        except (OperationalError, DatabaseAway) as error:
            log.warning("%s cannot be kept yet: %s", run.id, error)
            time.sleep(1)


def main() -> None:
    """Serve until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    die_with_parent(os.getppid())
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    serve(f"{socket.gethostname()}:{current().data_dir}", stop)


if __name__ == "__main__":
    main()
