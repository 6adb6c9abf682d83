"""Request slots: so many of a sandbox's customers are served at a time; the others stand in line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from secrets import token_hex

from redis.exceptions import RedisError

from workers import events
from workers.connections import broker
from workers.errors import HouseFull
from workers.sandboxes import REQUEST_SLOTS
from workers.shop.orders import Order

IN_LINE_AT_MOST_S = 30  # as servers do that answer 503 in the end
HELD_AT_MOST_S = 60  # a slot whose web process died is free again by then
LOOK_EVERY_S = 0.02

# The line is in the order of arrival; who is at its head takes a slot when one is free.
_TAKE = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[2] - ARGV[4])
redis.call('ZADD', KEYS[2], 'NX', ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[2], 120)
if redis.call('ZRANK', KEYS[2], ARGV[1]) >= ARGV[3] - redis.call('ZCARD', KEYS[1]) then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[1], ARGV[2] + ARGV[5], ARGV[1])
redis.call('EXPIRE', KEYS[1], 120)
return 1
"""


@contextmanager
def held(order: Order, slots: int) -> Iterator[bool]:
    """Hold a slot for one order; True if it had to wait for it. Raises HouseFull after 30 s in line.

    With as many slots as a sandbox can have, nobody waits, and nothing is counted. A broker that is away keeps
    nobody out of the shop: the limit is the lesson's, not the machine's.
    """
    if slots >= REQUEST_SLOTS:
        yield False
        return
    customer, waited = token_hex(8), False
    try:
        with suppress(RedisError):
            waited = _stand_in_line(order, slots, customer)
        yield waited
    finally:
        _leave(order.sandbox, customer)


def _stand_in_line(order: Order, slots: int, customer: str) -> bool:
    if _take(order.sandbox, slots, customer):
        return False
    events.append(order.sandbox, events.RequestQueued(order=order.number))
    end = time.monotonic() + IN_LINE_AT_MOST_S
    while not _take(order.sandbox, slots, customer):
        if time.monotonic() > end:
            events.append(order.sandbox, events.RequestRefused(order=order.number, reason="request_slots"))
            raise HouseFull("request_slots", slots, "this customer waited 30 s in line; set more slots")
        time.sleep(LOOK_EVERY_S)
    return True


def _take(sandbox: str, slots: int, customer: str) -> bool:
    limits = (customer, time.time(), slots, IN_LINE_AT_MOST_S + 5, HELD_AT_MOST_S)
    return bool(broker().eval(_TAKE, 2, *_keys(sandbox), *limits))


def _leave(sandbox: str, customer: str) -> None:
    with suppress(RedisError):  # its lease ends by itself
        for key in _keys(sandbox):
            broker().zrem(key, customer)


def _keys(sandbox: str) -> tuple[str, str]:
    return f"ticketwheel:slots:{sandbox}", f"ticketwheel:line:{sandbox}"
