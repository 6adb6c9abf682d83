"""What the checker says of a schedule is what real workers do: judged by the e-mails that arrived and by rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.product import Product, eventually
from tests.workers.scripts import Stage
from tests.workers.witness import adds_up, effects
from workers.idempotency.interleavings import Move, counter_example, replay

Case = tuple[str, str, tuple[Move, ...]]

WRONG = [
    *((strategy, "order") for strategy in ("off", "check_then_mark", "claim_first", "claim_with_lease")),
    *(("check_then_mark", "email_address"), ("receiver", "email_address"), ("receiver", "random")),
]
TWICE: tuple[Move, ...] = (("A", "in"), ("A", "ack"), ("B", "in"), ("B", "ack"))
WITH_A_CRASH: tuple[Move, ...] = (("A", "in"), ("A", "crash"), ("B", "in"), ("C", "in"), ("B", "ack"), ("C", "ack"))
CASES: list[Case] = [
    *((strategy, key, found.moves) for strategy, key in WRONG if (found := counter_example(strategy, key))),
    *(("receiver", "order", script) for script in (TWICE, WITH_A_CRASH)),
    (
        "claim_first",
        "order",
        (("A", "claim"), ("A", "crash"), ("B", "claim"), ("C", "claim"), ("B", "ack"), ("C", "ack")),
    ),
]


@pytest.fixture(scope="module")
def stages(product: Product) -> Iterator[dict[Case, Stage]]:
    """Every script, played at the same time in a sandbox of its own, to save time."""

    def play(case: Case) -> Stage:
        strategy, key, moves = case
        stage = Stage.of(product, idempotency=strategy, idempotency_key=key)
        stage.play(moves)
        return stage

    with ThreadPoolExecutor(4) as players:
        played = dict(zip(CASES, players.map(play, CASES), strict=True))
    yield played
    for stage in played.values():
        stage.sandbox.leave()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1]} {len(case[2])}")
def test_what_the_checker_says_is_what_arrives(product: Product, stages: dict[Case, Stage], case: Case) -> None:
    strategy, key, moves = case
    stage = stages[case]
    orders = sorted({order for order, _ in stage.cast.values()})
    foretold = Counter(dict(zip(orders, replay(strategy, key, moves).effects, strict=False)))

    assert Counter(mail["order"] for mail in stage.sandbox.inbox()) == +foretold
    assert Counter(effects(product, "emails", stage.sandbox)) == +foretold
