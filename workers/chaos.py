"""Where a worker may be killed or stopped on purpose: at named places of its work it waits for the signal."""

from __future__ import annotations

import os
import signal

from workers import fleet, freezes

BEFORE_ACK = "before_ack"


def reach(sandbox: str, worker: str, place: str, doorbell: int) -> None:
    """Pass through a named place, unless a crash or a freeze is armed for it: then wait for our parent's signal.

    SIGKILL ends it here; after SIGSTOP and SIGCONT it goes on from here.
    """
    if fleet.claim_crash(sandbox, worker, os.getpid(), place):
        os.write(doorbell, b"!")
        while True:
            signal.pause()
    if wish := freezes.claim(sandbox, worker, os.getpid(), place):
        os.write(doorbell, b"!")
        freezes.stand_still(wish)
