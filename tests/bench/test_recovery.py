"""How soon a killed worker is seen to be dead, and how soon what it held runs again."""

from __future__ import annotations

import math
import os
import random
import signal
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from redis import Redis
from rq import Queue, Worker
from rq.job import Job

from tests.bench import figures
from tests.product import Product, Sandbox, eventually

pytestmark = pytest.mark.bench

KILLS = 20
VISIBILITY_S = 2
LOOK_EVERY_S = 0.02
BETWEEN_KILLS_S = 0.6  # more than a lease is left alone before it is renewed, so that kills land anywhere in between


@dataclass(frozen=True)
class Death:
    """One kill; all times in seconds after the SIGKILL, but for `after_lease`."""

    shown: float
    recorded: float
    running_again: float
    after_lease: float


@dataclass(frozen=True)
class StockRq:
    """What RQ's own classes compute from RQ's defaults, in seconds."""

    lease: int  # renewed every `renewed` seconds
    renewed: int
    forgotten: int  # how long the dead worker's record lives on
    looks: int  # when an idle worker next looks for expired leases after it has just done so


def test_recovery_from_a_kill(product: Product, broker: Redis) -> None:
    sandbox = product.new_sandbox(visibility_timeout_s=VISIBILITY_S)
    sandbox.wait_for_workers(2)
    sandbox.place("later")
    deaths = [kill_and_watch(sandbox, attempt) for attempt in range(1, KILLS + 1)]
    sandbox.change(speed=10)
    sandbox.wait_until_done(1)
    sandbox.http.delete(sandbox.url())
    sandbox.http.close()

    report(deaths, stock_rq(broker))


def kill_and_watch(sandbox: Sandbox, attempt: int) -> Death:
    """SIGKILL to the worker that is at the message, sent from here, and what follows from it."""
    taken = attempt_began(sandbox, attempt)
    pid = next(worker["pid"] for worker in sandbox.living_workers() if worker["name"] == taken["worker"])
    moment = epoch(taken) + random.Random(attempt).uniform(0.1, BETWEEN_KILLS_S)
    eventually(lambda: time.time() >= moment)
    os.kill(pid, signal.SIGKILL)
    killed_at = time.time()
    shown_at = seen_dead(sandbox, pid)
    crashed = next(event for event in sandbox.wait_for("WorkerCrashed", attempt) if event["pid"] == pid)
    again = attempt_began(sandbox, attempt + 1)
    return Death(
        shown=shown_at - killed_at,
        recorded=epoch(crashed) - killed_at,
        running_again=epoch(again) - killed_at,
        after_lease=epoch(again) - datetime.fromisoformat(crashed["back_at"]).timestamp(),
    )


def seen_dead(sandbox: Sandbox, pid: int) -> float:
    """When the snapshot first shows the worker as dead, asked every 20 ms."""
    due = time.monotonic()
    while time.monotonic() < due + 30:
        if any(worker["pid"] == pid and not worker["alive"] for worker in sandbox.snapshot()["workers"]):
            return time.time()
        due += LOOK_EVERY_S
        time.sleep(max(0.0, due - time.monotonic()))
    raise AssertionError(f"process {pid} is not shown as dead")


def attempt_began(sandbox: Sandbox, attempt: int) -> dict[str, Any]:
    return sandbox.wait_for("MessageTaken", attempt)[attempt - 1]


def epoch(event: dict[str, Any]) -> float:
    return datetime.fromisoformat(event["at"]).timestamp()


def stock_rq(broker: Redis) -> StockRq:
    """RQ's rule for a job under a worker that died whole; only computed, nothing is run."""
    queue = Queue("stock", connection=broker)
    worker = Worker([queue], connection=broker)
    job = Job.create("workers.tasks.complete_order", connection=broker, timeout=Queue.DEFAULT_TIMEOUT)
    # An idle worker does its maintenance when a wait for a job ends and the last one is long enough ago.
    waits = math.ceil(worker.maintenance_interval / worker.dequeue_timeout)
    return StockRq(
        lease=worker.get_heartbeat_ttl(job),
        renewed=worker.job_monitoring_interval,
        forgotten=worker.job_monitoring_interval + 60,
        looks=waits * worker.dequeue_timeout,
    )


def report(deaths: list[Death], stock: StockRq) -> None:
    columns = ("", "median", "99th percentile", "stock RQ, at most", "that is")
    rows = [
        row("shown as dead, after the SIGKILL", [death.shown for death in deaths], stock.forgotten),
        row("WorkerCrashed in the record, after it", [death.recorded for death in deaths], stock.forgotten),
        row("running again, after the end of the lease", [death.after_lease for death in deaths], stock.looks),
        row("running again, after the SIGKILL", [death.running_again for death in deaths], stock.lease + stock.looks),
    ]
    figures.show(
        f"{len(deaths)} workers killed at their work, visibility time-out {VISIBILITY_S} s",
        columns,
        rows,
        "Stock RQ 3, computed from its defaults and not run: nothing shows that a worker died at its work before its",
        f"record is gone, after {stock.forgotten} s; the lease is {stock.lease} s, renewed every {stock.renewed} s;",
        f"an idle fleet looks for expired leases every {stock.looks} s.",
    )


def row(what: str, ours: list[float], theirs: int) -> list[str]:
    middle = figures.median(ours)
    return [
        what,
        figures.ms(middle),
        figures.ms(figures.percentile(ours, 99)),
        f"{theirs} s",
        figures.times(middle, theirs),
    ]
