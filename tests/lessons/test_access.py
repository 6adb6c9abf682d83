"""Requests are counted in memory, by whichever threads serve them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from lessons.access import OneAtATime

THREADS, ROUNDS = 16, 150


@pytest.fixture
def eager() -> Iterator[None]:
    """Threads take turns as often as they can, so that a race is not left to chance."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("eager")
def test_many_threads_that_count_at_once_all_count() -> None:
    storage = OneAtATime()

    def let_the_timer_end() -> None:
        storage.timer.join()

    # A round begins without a timer: whoever counts first starts another one.
    start = threading.Barrier(THREADS, action=let_the_timer_end)

    def count(_: int) -> None:
        try:
            for _ in range(ROUNDS):
                start.wait()
                storage.incr("an address", 60)
        except RuntimeError:
            start.abort()
            raise

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(count, range(THREADS)))

    assert storage.get("an address") == THREADS * ROUNDS
    storage.timer.join()
