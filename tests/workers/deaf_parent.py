"""A parent that does not end when it is asked to, and asks each of its children at once; prints how they ended."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from workers.processes import fork, reap

CHILDREN = 20


def main(log: Path) -> None:
    """Fork children that would live for a minute, and are asked to end before they can listen."""
    signal.signal(signal.SIGTERM, lambda *_: None)
    for _ in range(CHILDREN):
        pid, pidfd = fork(lambda: time.sleep(60), log)
        signal.pidfd_send_signal(pidfd, signal.SIGTERM)
        print(reap(pid))
        os.close(pidfd)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
