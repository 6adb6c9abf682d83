"""One thread renews whatever the worker is at, and nothing else."""

from __future__ import annotations

import threading

from workers.renewing import Renewer


def test_it_renews_while_the_work_goes_on_and_not_after_it() -> None:
    renewer, calls, often = Renewer(), 0, threading.Event()

    def renew() -> None:
        nonlocal calls
        calls += 1
        if calls >= 3:
            often.set()

    with renewer.during(0.01, renew):
        assert often.wait(5)
    after = calls

    other = threading.Event()
    with renewer.during(0.01, other.set):  # the same thread
        assert other.wait(5)
    assert calls == after


def test_a_shorter_lease_does_not_wait_for_a_longer_one() -> None:
    renewer = Renewer()
    with renewer.during(60, lambda: None):
        pass

    renewed = threading.Event()
    with renewer.during(0.01, renewed.set):
        assert renewed.wait(5)
