"""The parent of all workers: keeps as many alive as are wished for, kills those that are to die, brings messages back.

One process, one thread: it forks, so it must not have another one. Several may run; one leads, the others stand by.
"""

from __future__ import annotations

import logging
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import Row
from sqlalchemy.exc import OperationalError

from workers import audit, connections, deletions, early, events, fleet, freezing, outages, places, reaper, sandboxes
from workers.lifeline import die_with_parent
from workers.processes import Child, fork_worker
from workers.readings import LEADER_KEY
from workers.settings import current
from workers.warmup import warm_up
from workers.watch import samples

TICK_S = 0.1
AUDIT_EVERY_S = 2.0
LEADS_FOR_S = 5
STOP_WITHIN_S = 1.5
WORKERS_IN_ALL = 600
log = logging.getLogger("workers.supervisor")


class Supervisor:
    """Its children by pidfd, and the clock of what it does regularly."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()}:{current().data_dir}"
        self.children: dict[int, Child] = {}
        self.selector = selectors.DefaultSelector()
        self.bell, self.doorbell = os.pipe2(os.O_NONBLOCK)
        self.selector.register(self.bell, selectors.EVENT_READ)
        self.stopping = False
        self.suspects: set[str] = set()
        self.due: dict[str, float] = {}
        self.meter = samples.Meter()
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)

    def stop(self, *_: object) -> None:
        self.stopping = True

    def run(self) -> None:
        """Lead until told to stop. A broker or a database that is away is waited for."""
        while not self.stopping:
            try:
                freezing.thaw_the_due(self.children.values())
                if self.leads():
                    self.bury_strangers()
                    self.tick()
                self.wait(TICK_S)
            except (RedisError, OperationalError) as error:
                log.warning("waiting for the broker or the database: %s", error)
                time.sleep(0.5)
        self.stop_children(list(self.children.values()))

    def leads(self) -> bool:
        """Hold the leader's key, which is ours again at once after a restart under the same name."""
        broker = connections.broker()
        if broker.set(LEADER_KEY, self.name, nx=True, ex=LEADS_FOR_S):
            return True
        if broker.get(LEADER_KEY) != self.name.encode():
            return False
        return bool(broker.expire(LEADER_KEY, LEADS_FOR_S))

    def tick(self) -> None:
        """One round: wishes first, then what is due."""
        for crash in fleet.due_crashes():
            self.carry_out(crash)
        freezing.carry_out(self.children.values(), connections.broker())
        wished = sandboxes.wished_workers()
        self.fit_children(wished)
        reaper.bring_back(connections.broker(), wished)
        self.every(0.5, outages.heal_the_due)
        self.every(1.0, audit.relay_left_overs)
        self.every(AUDIT_EVERY_S, self.look_for_orphans)
        self.every(1.0, deletions.purge)
        self.every(5.0, self.put_to_sleep)
        self.every(1.0, self.measure)
        self.every(60.0, samples.forget_the_old)

    def every(self, seconds: float, do: Callable[[], object]) -> None:
        """Do something if its last time is that long ago."""
        now = time.monotonic()
        if now >= self.due.get(do.__name__, 0):
            self.due[do.__name__] = now + seconds
            do()

    def look_for_orphans(self) -> None:
        """Look everywhere, and then leave it for so long that it takes at most a twentieth of the time."""
        began = time.monotonic()
        self.suspects = audit.find_orphans(connections.broker(), self.suspects)
        took_s = time.monotonic() - began
        self.due["look_for_orphans"] = began + took_s + max(AUDIT_EVERY_S, 20 * took_s)

    def measure(self) -> None:
        self.meter.take(connections.broker(), sandboxes.wished_workers())

    def put_to_sleep(self) -> None:
        sandboxes.send_idle_ones_to_sleep(audit.busy_sandboxes())

    def carry_out(self, crash: fleet.Crash) -> None:
        """SIGKILL to one of our own children: the one that has reached the place, or the busiest that fits."""
        mine = [child for child in self.children.values() if child.sandbox == crash.sandbox and not child.stopping]
        if any(child.crash == crash.id for child in mine):
            return  # on its way: the wish is done when the process has ended
        mine = [child for child in mine if child.crash is None]
        wanted = crash.worker or (None if crash.victim == "any" else crash.victim)
        fitting = [child for child in mine if wanted in (None, child.name) and crash.pid in (None, child.pid)]
        if not fitting:
            fleet.crash_missed(crash)
            return
        busy = [child for child in fitting if freezing.is_busy(child, connections.broker())]
        victim = (busy or fitting)[0]
        victim.crash = crash.id
        victim.send(signal.SIGKILL)

    def fit_children(self, wished: dict[str, int]) -> None:
        """Start the missing workers and stop the surplus ones, the idle and the youngest first."""
        alive: dict[str, list[Child]] = {sandbox: [] for sandbox in wished}
        for child in self.children.values():
            if not child.stopping:
                alive.setdefault(child.sandbox, []).append(child)
        for sandbox, children in alive.items():
            missing = wished.get(sandbox, 0) - len(children)
            for _ in range(min(missing, WORKERS_IN_ALL - len(self.children))):
                self.start_child(sandbox)
            if missing < 0:
                self.retire(children, -missing)

    def start_child(self, sandbox: str) -> None:
        taken = {child.name for child in self.children.values() if child.sandbox == sandbox}
        taken |= fleet.recently_dead(sandbox)
        name = next(name for name in (f"w{number}" for number in range(1, 1000)) if name not in taken)
        child = fork_worker(sandbox, name, self.doorbell, current().data_dir / "workers.log")
        self.children[child.pidfd] = child
        self.selector.register(child.pidfd, selectors.EVENT_READ)
        fleet.born(sandbox, name, child.rq_name, child.pid, self.name)

    def retire(self, children: list[Child], count: int) -> None:
        """Ask workers to end after the message that they are at."""
        broker = connections.broker()
        idle_last = sorted(children, key=lambda child: not freezing.is_busy(child, broker))
        for child in idle_last[-count:]:
            child.stopping = True
            child.send(signal.SIGTERM)
            freezing.thaw(child)  # only now: the first thing that it hears is that it is to end
            fleet.leaving(child.rq_name)

    def wait(self, seconds: float) -> None:
        """Sleep until the next round, a death, or a worker that has reached the place where it is to die."""
        for key, _ in self.selector.select(seconds):
            if key.fd == self.bell:
                os.read(self.bell, 4096)
            else:
                self.bury(self.children[key.fd])

    def bury(self, child: Child) -> None:
        """A child has ended: say so, and return what it had only just pulled."""
        write_off(child, child.reap(), asked=child.stopping)
        if child.crash:
            fleet.crash_done(child.crash, child.name, child.pid)
        # Only now: while the broker or the database is away, the next round tries again.
        self.selector.unregister(child.pidfd)
        del self.children[child.pidfd]
        os.close(child.pidfd)
        child.busy.close()

    def bury_strangers(self) -> None:
        """Workers of an earlier supervisor under our name died with it; their rows do not know yet."""
        if self.due.get("bury_strangers"):
            return
        for row in fleet.of_supervisor(self.name):
            write_off(row, "SIGKILL", asked=False)
        self.due["bury_strangers"] = time.monotonic()

    def stop_children(self, children: list[Child]) -> None:
        """Let workers finish for a moment, then kill: what they held comes back when its lease ends."""
        for child in children:
            child.stopping = True
            child.send(signal.SIGTERM)
            child.send(signal.SIGCONT)  # a frozen one hears it, too
        end = time.monotonic() + STOP_WITHIN_S
        with suppress(RedisError, OperationalError):  # the next start writes off what cannot be written off now
            while self.children and time.monotonic() < end:
                self.wait(0.05)
            for child in list(self.children.values()):
                child.send(signal.SIGKILL)
                self.bury(child)


def write_off(worker: Child | Row[Any], end: str, asked: bool) -> None:
    """A worker process is gone: say so with what it held, and return what it had only just pulled."""
    broker = connections.broker()
    if asked and end == "exit 0":
        fleet.ended(worker.rq_name, worker.sandbox, events.WorkerStopped(worker=worker.name, pid=worker.pid))
    else:
        _write_off_dead(worker, end)
    reaper.give_back(broker, worker.sandbox, worker.rq_name)


def _write_off_dead(worker: Child | Row[Any], end: str) -> None:
    """Say what it held, count its death, and put aside with what too many have died."""
    broker = connections.broker()
    held = reaper.held_by(broker, worker.sandbox, worker.rq_name)
    entries = {entry.partition(":")[0]: entry for entry in reaper.left_by(broker, worker.rq_name)}
    left: Any = early.left_by(worker.rq_name)
    lost: Any = {"order": held.order, "message": held.job, "back_at": held.back_at.isoformat()} if held else left
    event = events.WorkerCrashed(worker=worker.name, pid=worker.pid, signal=end, **lost)
    for message, dead_at in fleet.ended(worker.rq_name, worker.sandbox, event, list(entries)).items():
        places.bury_left(broker, worker.sandbox, entries[message], dead_at)


def main() -> None:
    """Supervise until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    die_with_parent(os.getppid())
    warm_up()  # once for all workers: they are forked from here
    Supervisor().run()


if __name__ == "__main__":
    main()
