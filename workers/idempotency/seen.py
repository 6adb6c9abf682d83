"""The sender's memory, at the broker: which keys are marked as done or claimed, one entry a key with an end of its own.

A set a sandbox names its entries, so that they can be forgotten without a look at everybody else's.
"""

from __future__ import annotations

import time
from typing import Any, Literal

from redis import Redis

KEPT_S = 24 * 3600  # the story's figure
DONE = b"done"
AT_A_TIME = 1000

# The claim becomes the mark, unless it has ended: then the key may be another's.
_TURN_INTO_MARK = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""


def is_marked(broker: Redis, sandbox: str, key: str) -> bool:
    return broker.get(entry(sandbox, key)) == DONE


def mark(broker: Redis, sandbox: str, key: str) -> None:
    """From now on the key is marked as done, for a day."""
    _set(broker, sandbox, key, DONE, KEPT_S)


def claim(broker: Redis, sandbox: str, key: str) -> bool:
    """Mark the key unless it is marked; True if this call did."""
    return _set(broker, sandbox, key, DONE, KEPT_S, nx=True) is None


def claim_for_a_while(
    broker: Redis, sandbox: str, key: str, owner: str, seconds: int
) -> Literal["ours", "held", "done"]:
    """Claim the key for so many seconds, unless it is claimed or marked."""
    found = _set(broker, sandbox, key, owner.encode(), seconds, nx=True)
    if found is None:
        return "ours"
    return "done" if found == DONE else "held"


def turn_claim_into_mark(broker: Redis, sandbox: str, key: str, owner: str) -> bool:
    """Mark the key as done if the owner's claim still holds; False if it does not."""
    return bool(broker.eval(_TURN_INTO_MARK, 1, entry(sandbox, key), owner, DONE, KEPT_S))


def claim_ends_in_s(broker: Redis, sandbox: str, key: str) -> float | None:
    """How long somebody's claim still holds; None if nobody has one."""
    with broker.pipeline() as pipe:
        pipe.get(entry(sandbox, key))
        pipe.pttl(entry(sandbox, key))
        value, left_ms = pipe.execute()
    return None if value in (None, DONE) else float(left_ms) / 1000


def known(broker: Redis, sandbox: str, since: float) -> list[str]:
    """The keys that were noted after a moment (in seconds since 1970), the oldest first."""
    names: Any = broker.zrangebyscore(_names(sandbox), since + KEPT_S, "+inf")
    return [name.decode() for name in names]


def forget(broker: Redis, sandbox: str) -> None:
    """Forget every key of a sandbox; what somebody notes at the same time may stay."""
    names: Any = broker.zrange(_names(sandbox), 0, -1)
    for start in range(0, len(names), AT_A_TIME):
        some = names[start : start + AT_A_TIME]
        with broker.pipeline() as pipe:
            pipe.unlink(*(entry(sandbox, name.decode()) for name in some))
            pipe.zrem(_names(sandbox), *some)
            pipe.execute()


def entry(sandbox: str, key: str) -> str:
    """Where the broker keeps a key of a sandbox."""
    return f"ticketwheel:seen:{sandbox}:{key}"


def _names(sandbox: str) -> str:
    return f"ticketwheel:seen:{sandbox}"


def _set(broker: Redis, sandbox: str, key: str, value: bytes, seconds: int, nx: bool = False) -> Any:
    """SET …, and its name beside the others; what was there before, if anything."""
    now = time.time()
    with broker.pipeline() as pipe:
        pipe.get(entry(sandbox, key))  # in the same transaction: SET … NX GET is not known to every server
        pipe.set(entry(sandbox, key), value, ex=seconds, nx=nx)
        pipe.zadd(_names(sandbox), {key: now + KEPT_S})
        pipe.zremrangebyscore(_names(sandbox), "-inf", now)
        pipe.expire(_names(sandbox), KEPT_S)
        return pipe.execute()[0]
