"""Worker processes: forked from a parent that has imported everything, watched and killed through their pidfd."""

from __future__ import annotations

import mmap
import os
import resource
import signal
import time
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workers import connections, database, worker
from workers.lifeline import die_with_parent
from workers.sandboxes import CAPS

NICE = 10
FREEZE_WITHIN_S = 0.03
ASKS_TO_END = (signal.SIGTERM, signal.SIGINT)


@dataclass
class Child:
    """One worker process of ours; `stopping` once it was asked to end, `end` once it has."""

    sandbox: str
    name: str
    rq_name: str
    pid: int
    pidfd: int
    busy: mmap.mmap  # its first byte is not 0 while the process uses the database
    stopping: bool = False
    end: str = ""
    crash: int | None = None  # the wish that it dies of
    frozen_for: int | None = None  # the wish for which it is stopped
    thaw_at: float = 0.0  # then it goes on by itself, on the monotonic clock

    def send(self, number: signal.Signals) -> None:
        """Signal exactly this process; nothing if it is gone, even if its pid is in use again."""
        try:
            signal.pidfd_send_signal(self.pidfd, number)
        except ProcessLookupError:
            return

    def freeze(self) -> bool:
        """SIGSTOP at a moment at which nobody waits for the process; False if there was none just now.

        Stopped inside a transaction it would stop all others, too: then it goes on, and is stopped a moment later.
        """
        end = time.monotonic() + FREEZE_WITHIN_S
        while time.monotonic() < end:
            self.send(signal.SIGSTOP)
            if self._stands_still(end) and not self.busy[0]:
                return True
            self.send(signal.SIGCONT)
            time.sleep(0.001)
        return False

    def _stands_still(self, end: float) -> bool:
        """Wait until all threads of the process have stopped; False if it ended instead, or is too slow."""
        how = os.WSTOPPED | os.WEXITED | os.WNOWAIT | os.WNOHANG
        while (found := os.waitid(os.P_PIDFD, self.pidfd, how)) is None:
            if time.monotonic() > end:
                return False
            time.sleep(0.0002)
        return bool(found.si_code == os.CLD_STOPPED)

    def reap(self) -> str:
        """Wait for the end of the process: the name of the signal that ended it, or "exit N"."""
        self.end = self.end or reap(self.pid)
        return self.end


def reap(pid: int) -> str:
    """Wait for the end of a child: the name of the signal that ended it, or "exit N"."""
    _, status = os.waitpid(pid, 0)
    killed = os.WIFSIGNALED(status)
    return signal.Signals(os.WTERMSIG(status)).name if killed else f"exit {os.WEXITSTATUS(status)}"


def fork_worker(sandbox: str, name: str, doorbell: int, log: Path) -> Child:
    """Start a worker process, which dies with its parent. The caller must be single-threaded."""
    rq_name, busy = f"{sandbox}-{name}-{uuid.uuid4().hex[:12]}", mmap.mmap(-1, 1)

    def work() -> None:
        os.nice(NICE)  # a customer who waits goes before work that nobody waits for
        database.show_when_busy(busy)
        worker.run(sandbox, name, rq_name, connections.new_client(), doorbell)

    pid, pidfd = fork(work, log)
    return Child(sandbox, name, rq_name, pid, pidfd, busy)


def fork(live: Callable[[], None], log: Path) -> tuple[int, int]:
    """Start a process with a life of its own, which dies with its parent; its pid and its pidfd.

    The caller must be single-threaded. Until the process listens by itself, a signal that asks it to end ends it.
    """
    # Blocked meanwhile: the parent's handlers, which a fork inherits, would take the child's signals for the parent's.
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ASKS_TO_END)
    try:
        parent, pid = os.getpid(), os.fork()
        if pid == 0:
            _be_a_child(live, log, parent)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    return pid, os.pidfd_open(pid)


def _be_a_child(live: Callable[[], None], log: Path, parent: int) -> None:
    """The child's life; it never returns into the parent's code."""
    try:
        os.setsid()
        die_with_parent(parent)
        signal.set_wakeup_fd(-1)
        for number in ASKS_TO_END:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKS_TO_END)
        memory = CAPS["worker_memory_mb"] * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a worker that dies on purpose leaves no file behind
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(output, 1)
        os.dup2(output, 2)
        database.leave_parents_connections()
        connections.forget_connections()
        live()
    except BaseException:  # noqa: BLE001 (whatever it was, a child must not go on as its parent)
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
