"""Dead letters for tests: made as a worker makes them, and many at once."""

from __future__ import annotations

from typing import Any

from rq.executions import Execution

from tests.workers.back_of_house import BackOfHouse
from workers import places, retries
from workers.attempts import Attempt
from workers.errors import StepUnavailable
from workers.failures import Failure
from workers.messages import CompleteOrder
from workers.retries import Verdict

REFUSED = "mail server answered 550"


def letter(house: BackOfHouse, kind: str = REFUSED) -> CompleteOrder:
    """A message whose e-mail failed so often that it was put aside."""
    message = house.place()
    while fail(message, kind).fate != "dead":
        pass
    entry = house.lease(message)
    execution = Execution(entry.partition(":")[2], message.id, house.broker, "w1")
    dead_at = house.row(message).dead_at
    assert places.bury(house.broker, house.sandbox, execution, dead_at)
    return message


def letters(house: BackOfHouse, count: int, kind: str = REFUSED) -> list[CompleteOrder]:
    return [letter(house, kind) for _ in range(count)]


def fail(message: CompleteOrder, kind: str = REFUSED) -> Verdict:
    """Let a try fail, as far as the ledger is concerned."""
    error = StepUnavailable(f"It failed: {kind} {message.order}", kind)
    return retries.judge(Failure(message, Attempt("worker", 10, "off", worker="w1", step="email"), error))


def in_dead_set(house: BackOfHouse) -> list[str]:
    found: Any = house.broker.zrange(f"rq:failed:{house.sandbox}:checkout", 0, -1)
    return [message.decode() for message in found]
