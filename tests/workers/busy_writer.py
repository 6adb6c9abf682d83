"""A process that writes and reads without end, and shows in a shared file when it does."""

from __future__ import annotations

import mmap
import sys
import time
from pathlib import Path

from workers import database, events


def main(sandbox: str, shown: str) -> None:
    with Path(shown).open("r+b") as file:
        database.show_when_busy(mmap.mmap(file.fileno(), 1))
    while True:
        events.append(sandbox, events.CalmRestored())
        events.newest([sandbox])
        time.sleep(0.0005)


if __name__ == "__main__":
    main(*sys.argv[1:])
