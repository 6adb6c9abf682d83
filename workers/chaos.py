"""Where a worker may be killed on purpose: at named places between its steps it waits for the signal."""

from __future__ import annotations

import os
import signal

from workers import fleet

BEFORE_ACK = "before_ack"


def reach(sandbox: str, worker: str, place: str, doorbell: int) -> None:
    """Pass through a named place, unless a crash is armed for it: then wait here for SIGKILL from our parent."""
    if not fleet.claim_crash(sandbox, worker, os.getpid(), place):
        return
    os.write(doorbell, b"!")
    while True:
        signal.pause()
