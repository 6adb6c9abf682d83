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
from workers.experiments import conduct, line
from workers.experiments.line import Experiment
from workers.lifeline import die_with_parent
from workers.settings import current

LOOK_EVERY_S = 0.2
log = logging.getLogger("workers.experiments")


def serve(name: str, stop: threading.Event) -> None:
    """Run what is asked for until told to stop; each run has a few workers that wait for most of their time."""
    for left in line.begun_by(name):
        line.finish(left.id, conduct.cut_off())
        sandboxes.delete(left.stage)
    hands = [
        threading.Thread(target=_work, args=(name, stop), daemon=True) for _ in range(current().experiments_at_once)
    ]
    for hand in hands:
        hand.start()
    stop.wait()


def perform(run: Experiment) -> None:
    """Run one, keep what came of it, and take its stage down. An error of ours is an answer as well: cannot tell."""
    asked = run.asked
    try:
        finished = conduct.run(run.stage, run.token, asked.scenario, asked.changes, run.seed)
    except Exception:
        log.exception("experiment %s of %s %s failed", run.id, asked.question, asked.option)
        finished = conduct.failed()
    line.finish(run.id, finished)
    sandboxes.delete(run.stage)


def _work(name: str, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            run = line.claim(name)
            if run:
                perform(run)
            else:
                time.sleep(LOOK_EVERY_S)
        except (OperationalError, DatabaseAway) as error:
            log.warning("waiting for the database: %s", error)
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
