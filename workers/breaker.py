"""The circuit breaker between a sandbox's workers and its partner: pybreaker's, with its memory at the broker.

All processes of a sandbox share it: failures in a row open it, then no call is made for a while, then one trial call.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from pybreaker import STATE_CLOSED, STATE_HALF_OPEN, STATE_OPEN, CircuitBreaker, CircuitBreakerError
from pybreaker import CircuitBreakerStorage as Storage

from workers import events
from workers.connections import BrokerAway, broker
from workers.errors import CircuitOpen

FAILURES = 5  # in a row
OPEN_S = 3.0  # real seconds, as the pauses between tries are
TRIAL_S = 40  # by then a trial's caller has its answer, or is dead
LOOK_AGAIN_S = 0.5  # while somebody else's trial is on its way
FORGOTTEN_AFTER_S = 3600
Answer = TypeVar("Answer")
log = logging.getLogger("workers.breaker")

# Milliseconds until a call may be made; 0 for a closed circuit, or when the asker has the trial call from now on.
_GATE = """
local state = redis.call('HGET', KEYS[1], 'state')
if not state or state == 'closed' then return 0 end
local left = tonumber(redis.call('HGET', KEYS[1], 'opened_at') or '0') + tonumber(ARGV[2]) - tonumber(ARGV[1])
if state == 'open' and left > 0 then return left end
if redis.call('EXISTS', KEYS[2]) == 1 then return tonumber(ARGV[4]) end
if ARGV[3] ~= '0' then redis.call('SET', KEYS[2], '1', 'EX', ARGV[3]) end
return 0
"""
_CHANGE = """
local before = redis.call('HGET', KEYS[1], 'state') or 'closed'
redis.call('HSET', KEYS[1], 'state', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return before
"""


def guarded(sandbox: str, call: Callable[[], Answer]) -> Answer:
    """Make the call if the circuit lets it through. Raises CircuitOpen, and whatever the call does."""
    wait_s = _gate(sandbox, claim=True)
    if wait_s is None:  # nobody can say; the broker's absence is not the partner's fault
        return call()
    if wait_s:
        raise CircuitOpen(wait_s)
    memory = Memory(sandbox)
    circuit = CircuitBreaker(FAILURES, OPEN_S, state_storage=memory, throw_new_error_on_trip=False)
    try:
        return circuit.call(call)
    except CircuitBreakerError as error:  # somebody's failure has opened it since
        raise CircuitOpen(OPEN_S) from error
    finally:
        memory.end_trial()


def look(sandbox: str) -> None:
    """Raises CircuitOpen when a call would not be made just now."""
    if wait_s := _gate(sandbox, claim=False):
        raise CircuitOpen(wait_s)


def forget(sandbox: str, silently: bool = False) -> None:
    """Begin anew with a closed circuit; said only if it was not."""
    try:
        before = broker().hget(_key(sandbox), "state")
        broker().delete(_key(sandbox), _trial_key(sandbox))
    except BrokerAway as error:
        log.warning("the breaker of a sandbox is not forgotten: %s", error)
        return
    if before not in (None, STATE_CLOSED.encode()) and not silently:
        events.append(sandbox, events.CircuitClosed())


class Memory(Storage):
    """What pybreaker remembers, for one sandbox; while the broker is away it knows of no failure."""

    def __init__(self, sandbox: str) -> None:
        super().__init__("broker")
        self.sandbox, self.key = sandbox, _key(sandbox)
        self.trying = self.state != STATE_CLOSED

    @property
    def state(self) -> str:
        return str(self._text("state") or STATE_CLOSED)

    @state.setter
    def state(self, state: str) -> None:
        ask = partial(broker().eval, _CHANGE, 1, self.key, state, FORGOTTEN_AFTER_S)
        before = _unless_away(ask)
        if before is not None and before.decode() != state:
            self._say(state)

    def increment_counter(self) -> None:
        _unless_away(partial(broker().hincrby, self.key, "failures", 1))

    def reset_counter(self) -> None:
        _unless_away(partial(broker().hset, self.key, "failures", 0))

    def increment_success_counter(self) -> None:
        _unless_away(partial(broker().hincrby, self.key, "successes", 1))

    def reset_success_counter(self) -> None:
        _unless_away(partial(broker().hset, self.key, "successes", 0))

    @property
    def counter(self) -> int:
        return int(self._text("failures") or 0)

    @property
    def success_counter(self) -> int:
        return int(self._text("successes") or 0)

    @property
    def opened_at(self) -> datetime | None:
        known = self._text("opened_at")
        return datetime.fromtimestamp(float(known) / 1000, UTC) if known else None

    @opened_at.setter
    def opened_at(self, at: datetime) -> None:
        _unless_away(partial(broker().hset, self.key, "opened_at", str(at.timestamp() * 1000)))

    def end_trial(self) -> None:
        """Whoever had the trial call has it no more."""
        if self.trying:
            _unless_away(partial(broker().delete, _trial_key(self.sandbox)))

    def _text(self, name: str) -> str | None:
        found = _unless_away(partial(broker().hget, self.key, name))
        return found.decode() if found is not None else None

    def _say(self, state: str) -> None:
        told: dict[str, Callable[[], events.Event]] = {
            STATE_OPEN: lambda: events.CircuitOpened(failures=self.counter, for_s=OPEN_S),
            STATE_HALF_OPEN: events.CircuitHalfOpened,
            STATE_CLOSED: events.CircuitClosed,
        }
        events.append(self.sandbox, told[state]())


def _gate(sandbox: str, claim: bool) -> float | None:
    """Seconds until a call may be made; None if the broker is away. With `claim` the trial call is the asker's."""
    keys = (_key(sandbox), _trial_key(sandbox))
    times = (time.time() * 1000, OPEN_S * 1000, TRIAL_S if claim else 0, LOOK_AGAIN_S * 1000)
    left = _unless_away(partial(broker().eval, _GATE, len(keys), *keys, *times))
    return None if left is None else max(0.0, int(left) / 1000)


def _unless_away(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except BrokerAway as error:
        log.warning("the breaker asks in vain: %s", error)
        return None


def _key(sandbox: str) -> str:
    return f"ticketwheel:breaker:{sandbox}"


def _trial_key(sandbox: str) -> str:
    return f"ticketwheel:breaker-trial:{sandbox}"
