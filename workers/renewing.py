"""One thread a worker that renews what the worker is at: a thread for each message would cost more than its lease."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Renewer:
    """Calls back again and again while there is something to renew, and rests otherwise."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.renew: Callable[[], None] | None = None
        self.every_s = 0.0
        self.resting = False
        self.thread: threading.Thread | None = None

    @contextmanager
    def during(self, every_s: float, renew: Callable[[], None]) -> Iterator[None]:
        """Call `renew` every so many seconds until the end; none goes on after it."""
        with self.changed:
            sooner = every_s < self.every_s
            self.renew, self.every_s = renew, every_s
            if self.thread is None:
                self.thread = threading.Thread(target=self._run, daemon=True)
                self.thread.start()
            elif self.resting or sooner:
                self.changed.notify()
        try:
            yield
        finally:
            with self.changed:
                self.renew = None

    def _run(self) -> None:
        with self.changed:
            while True:
                self.resting = self.renew is None
                woken = self.changed.wait(None if self.resting else self.every_s)
                if self.renew and not woken:
                    self.renew()
