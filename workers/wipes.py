"""A wipe: the broker forgets all that it knows of one sandbox.

The ledger knows its messages still, and the audit heals it; but for those that nothing in the ledger promised.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis import Redis

from workers import breaker, events, fleet, mischief, sandboxes, unpromised
from workers.connections import broker
from workers.idempotency import seen
from workers.messages import queue_name
from workers.pulling import held_key, low_key

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
    """Forget the queue, the leases, the scheduled, the dead, what workers hold, the seen keys; how many messages."""
    sandboxes.wake(sandbox)
    leased, others = _forget(broker(), sandbox)
    seen.forget(broker(), sandbox)
    messages = len(leased | others)
    breaker.forget(sandbox)
    mischief.note(sandbox, "wipe", events.BrokerWiped(messages=messages))
    # Whoever is at a leased one may finish it; when it turns out that nobody will, the audit says so.
    unpromised.lose(broker(), sandbox, sorted(others - leased))
    return messages


def _forget(server: Redis, sandbox: str) -> tuple[set[str], set[str]]:
    """The messages that were under a lease, and those that were anywhere else."""
    queue = queue_name(sandbox)
    workers = [row.rq_name for row in fleet.living(sandbox)]
    lists = [f"rq:queue:{queue}", low_key(sandbox), *map(held_key, workers)]
    sets = [f"rq:{kind}:{queue}" for kind in ("wip", "scheduled", "failed")]
    found: Any = server.eval(_FORGET, len(lists) + len(sets), *lists, *sets, len(lists))
    entries = [entry.decode() for entry in found]
    leases = [entry for entry in entries if ":" in entry]
    leased = {entry.partition(":")[0] for entry in leases}
    others = {entry for entry in entries if ":" not in entry}
    # Nobody can find these any more, so there is time to let others go first.
    keys = [f"rq:{kind}:{message}" for message in leased | others for kind in ("job", "executions", "results")]
    keys += [f"rq:execution:{entry}" for entry in leases]
    _unlink(server, [*keys, *(f"rq:worker:{name}:executions" for name in workers)])
    return leased, others


def _unlink(server: Redis, keys: Sequence[str]) -> None:
    for start in range(0, len(keys), AT_A_TIME):
        server.unlink(*keys[start : start + AT_A_TIME])
