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
# A list that is made in its request sleeps as well; it takes a place of those who wait for everything.
KINDS = {"now": ("now", "checkouts_now"), "later": ("later", "checkouts_later"), "list": ("now", "lists_at_once")}

_lock = threading.Lock()
_taken: Counter[str] = Counter()


@contextmanager
def place(sandbox: str, kind: str) -> Iterator[None]:
    """Hold a place for what takes time. Raises OverLimit (the sandbox's share) and HouseFull (everybody's)."""
    place, cap = KINDS[kind]
    own = f"{kind} {sandbox}"
    with _lock:
        full = _taken[own] >= CAPS[cap]
        house_full = _taken[place] >= IN_ALL[place]
        if not full and not house_full:
            _taken.update((own, place))
    if full or house_full:
        if kind != "list":  # looking leaves no mark in the record
            events.append(sandbox, events.RequestRefused(reason=cap))
        if full:
            raise OverLimit(cap, CAPS[cap], "wait for one of your customers to be answered")
        raise HouseFull("checkouts at once", IN_ALL[place], "try again in a few seconds")
    try:
        yield
    finally:
        with _lock:
            _taken.subtract((own, place))
            if not _taken[own]:
                del _taken[own]
