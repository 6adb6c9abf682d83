"""A part of the product that stands still for a moment."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from tests.product import Product, eventually


@contextmanager
def frozen(product: Product, part: str) -> Iterator[None]:
    """Stop a process without ending it, which would bring another one, and not while it holds SQLite's only pen."""
    process = product.process_of(part)
    pen = os.open(product.data_dir, os.O_RDONLY)
    try:
        fcntl.flock(pen, fcntl.LOCK_EX)
        process.send_signal(signal.SIGSTOP)
        until_stopped(process)
        fcntl.flock(pen, fcntl.LOCK_UN)
        yield
    finally:
        os.close(pen)
        process.send_signal(signal.SIGCONT)


def until_stopped(process: psutil.Process) -> None:
    eventually(lambda: process.status() == psutil.STATUS_STOPPED, 5, "the process has stopped")
