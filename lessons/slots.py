"""Places for checkouts that sleep in a request: fewer than the server has threads, and a share for each sandbox."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from workers import events
from workers.errors import HouseFull, OverLimit
from workers.sandboxes import CAPS

# A web process has 160 threads; the polls need some that never sleep.
IN_ALL = {"now": 80, "later": 60}

_lock = threading.Lock()
_taken: Counter[str] = Counter()


@contextmanager
def place(sandbox: str, checkout: str) -> Iterator[None]:
    """Hold a place while a checkout runs. Raises OverLimit (the sandbox's share) and HouseFull (everybody's)."""
    own, cap = f"{checkout} {sandbox}", f"checkouts_{checkout}"
    with _lock:
        full = _taken[own] >= CAPS[cap]
        house_full = _taken[checkout] >= IN_ALL[checkout]
        if not full and not house_full:
            _taken.update((own, checkout))
    if full or house_full:
        events.append(sandbox, events.RequestRefused(reason=cap))
        if full:
            raise OverLimit(cap, CAPS[cap], "wait for one of your customers to be answered")
        raise HouseFull("checkouts at once", IN_ALL[checkout], "try again in a few seconds")
    try:
        yield
    finally:
        with _lock:
            _taken.subtract((own, checkout))
            if not _taken[own]:
                del _taken[own]
