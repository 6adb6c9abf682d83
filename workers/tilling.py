"""The supervisor's hand in tills: it forks a process for each, kills who is to die, and says how they ended."""

from __future__ import annotations

import os
import selectors
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from workers import chaos, fleet, placing, sandboxes, tills
from workers.errors import TicketwheelError
from workers.processes import fork, reap
from workers.tills import Till


@dataclass
class Open:
    """A till whose process has not ended, as far as anybody has looked; `crash` is the wish that it dies of."""

    till: Till
    pid: int
    pidfd: int
    crash: int | None = None
    end: str = ""  # how it ended, once it is known

    def reap(self) -> str:
        """Wait for its end; known for good, so that it can be said again."""
        self.end = self.end or reap(self.pid)
        return self.end

    def kill(self) -> None:
        with suppress(ProcessLookupError):  # it has ended, and has yet to be written off
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)


@dataclass
class Tills:
    """The open tills of one supervisor, by pidfd."""

    supervisor: str
    selector: selectors.BaseSelector
    doorbell: int
    log: Path
    open: dict[int, Open] = field(default_factory=dict)

    def open_wished(self) -> None:
        """Fork a process for each wish. The caller must be single-threaded."""
        for till in tills.to_open():
            self._open(till)

    def _open(self, till: Till) -> None:
        ready, go = os.pipe()
        pid, pidfd = fork(lambda: run(till, ready, go, self.doorbell), self.log)
        os.close(ready)
        self.open[pidfd] = Open(till, pid, pidfd)
        self.selector.register(pidfd, selectors.EVENT_READ)
        # It begins when the ledger knows of it: what ends before that was never there.
        with os.fdopen(go, "wb") as gate:
            if tills.opened(till.id, self.supervisor, pid):
                gate.write(b"!")

    def crash(self, crash: fleet.Crash) -> None:
        """SIGKILL to the till that has reached the place."""
        victim = next((mine for mine in self.open.values() if mine.pid == crash.pid), None)
        if victim is None:
            fleet.crash_missed(crash)
        elif victim.crash is None:
            victim.crash = crash.id
            victim.kill()

    def close(self, pidfd: int) -> None:
        """A till's process has ended: say how."""
        mine = self.open[pidfd]
        tills.closed(mine.till.id, mine.till.order, mine.pid, mine.reap())
        if mine.crash:
            fleet.crash_done(mine.crash, fleet.CHECKOUT, mine.pid)
        self.selector.unregister(pidfd)
        del self.open[pidfd]
        os.close(pidfd)

    def close_strangers(self) -> None:
        """Tills of an earlier supervisor under this name died with it."""
        for row in tills.of_supervisor(self.supervisor):
            tills.closed(row.id, tills.order_of(row), row.pid, "SIGKILL")

    def kill_all(self) -> None:
        for pidfd in list(self.open):
            self.open[pidfd].kill()
            self.close(pidfd)


def run(till: Till, ready: int, go: int, doorbell: int) -> None:
    """The life of a till: one checkout, as the web process would have run it."""
    os.close(go)
    if not os.read(ready, 1):
        return
    order = till.order
    reach = chaos.passing(order.sandbox, fleet.CHECKOUT, order.number, 1, doorbell)
    now = time.monotonic()
    try:
        placing.check_out(order, sandboxes.settings_of(order.sandbox), now - (time.time() - till.began), now, reach)
    except TicketwheelError:
        return  # the record says how it ended, and its customer is told by the web process
