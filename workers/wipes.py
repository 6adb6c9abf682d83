"""A wipe: the broker forgets all that it knows of one sandbox; the ledger knows it still, and the audit heals it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis import Redis

from workers import breaker, events, fleet, mischief, sandboxes
from workers.connections import broker
from workers.messages import queue_name
from workers.pulling import held_key

AT_A_TIME = 1000

# All lists and sets in one step, so that no message moves from one to another meanwhile: lists first, then sets.
_FORGET = """
local lists = tonumber(ARGV[1])
local found = {}
for i, key in ipairs(KEYS) do
  local range = i <= lists and 'LRANGE' or 'ZRANGE'
  for _, entry in ipairs(redis.call(range, key, 0, -1)) do found[#found + 1] = entry end
  redis.call('UNLINK', key)
end
return found
"""


def wipe(sandbox: str) -> int:
    """Forget the queue, the leases, the scheduled, the dead and what workers hold; the number of messages."""
    sandboxes.wake(sandbox)
    messages = _forget(broker(), sandbox)
    breaker.forget(sandbox)
    mischief.note(sandbox, "wipe", events.BrokerWiped(messages=messages))
    return messages


def _forget(server: Redis, sandbox: str) -> int:
    queue = queue_name(sandbox)
    workers = [row.rq_name for row in fleet.living(sandbox)]
    lists = [f"rq:queue:{queue}", *map(held_key, workers)]
    sets = [f"rq:{kind}:{queue}" for kind in ("wip", "scheduled", "failed")]
    found: Any = server.eval(_FORGET, len(lists) + len(sets), *lists, *sets, len(lists))
    entries = [entry.decode() for entry in found]
    messages = sorted({entry.partition(":")[0] for entry in entries})
    leases = [f"rq:execution:{entry}" for entry in entries if ":" in entry]
    held = [f"rq:worker:{name}:executions" for name in workers]
    # Nobody can find these any more, so there is time to let others go first.
    kinds = ("job", "executions", "results")
    _unlink(server, [*(f"rq:{kind}:{message}" for message in messages for kind in kinds), *leases, *held])
    return len(messages)


def _unlink(server: Redis, keys: Sequence[str]) -> None:
    for start in range(0, len(keys), AT_A_TIME):
        server.unlink(*keys[start : start + AT_A_TIME])
