"""The supervisor's hand in freezes: it stops its own children, and lets them go on in time."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterable

from redis import Redis

from workers import early, freezes, reaper
from workers.freezes import Freeze
from workers.processes import Child


def carry_out(children: Iterable[Child], broker: Redis) -> None:
    """Freeze and thaw whom somebody wishes; what a frozen worker is handed goes back to the queue."""
    mine = list(children)
    for wish in freezes.to_do():
        standing = next((child for child in mine if child.frozen_for == wish.id), None)
        if wish.state in ("wished", "reached"):
            _freeze(wish, standing, mine, broker)
        elif standing:
            thaw(standing)
        else:
            freezes.over(wish)
    for child in mine:
        if child.frozen_for:
            reaper.give_back(broker, child.sandbox, child.rq_name)


def thaw_the_due(children: Iterable[Child]) -> None:
    """Let those go on whose time is over."""
    for child in children:
        if child.frozen_for and time.monotonic() >= child.thaw_at:
            thaw(child)


def thaw(child: Child) -> None:
    """Say that the process goes on, and let it; nothing if it is not frozen."""
    if child.frozen_for:
        freezes.ended(child.frozen_for, child.sandbox, child.name, child.rq_name, child.pid)
        child.frozen_for = None
        child.send(signal.SIGCONT)


def is_busy(child: Child, broker: Redis) -> bool:
    """It works on a message, whether the broker still knows of that or not."""
    held = reaper.held_by(broker, child.sandbox, child.rq_name)
    return held is not None or early.of_worker(child.rq_name) is not None


def _freeze(wish: Freeze, standing: Child | None, children: list[Child], broker: Redis) -> None:
    """Stop the busiest that fits; one that is never found in a quiet moment is tried again in the next round."""
    victim = standing or _victim(wish, children, broker)
    if victim is None:
        freezes.over(wish, "expired")
    elif standing or victim.freeze():
        victim.frozen_for, victim.thaw_at = wish.id, time.monotonic() + wish.seconds
        freezes.began(wish, victim.name, victim.rq_name, victim.pid)


def _victim(wish: Freeze, children: list[Child], broker: Redis) -> Child | None:
    mine = [child for child in children if child.sandbox == wish.sandbox and not child.stopping]
    if wish.pid:  # it has reached the place, and waits there
        mine = [child for child in mine if child.pid == wish.pid]
    fitting = [child for child in mine if wish.victim in ("any", child.name) and not child.frozen_for]
    busy = (child for child in fitting if is_busy(child, broker))
    return next(busy, next(iter(fitting), None))
