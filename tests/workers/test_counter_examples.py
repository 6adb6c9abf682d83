"""What the checker says of a schedule is what real workers do: judged by the e-mails that arrived and by rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.product import Product
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
]
# The shortest loss: the first of them is killed before the effect of which it has claimed the key.
KILLED_AFTER_ITS_CLAIM = next(case for case in CASES if case[0] == "claim_first")


def named(case: Case) -> str:
    return f"{case[0]} {case[1]} {len(case[2])}"


def play(product: Product, case: Case) -> Stage:
    strategy, key, moves = case
    stage = Stage.of(product, idempotency=strategy, idempotency_key=key)
    stage.play(moves)
    return stage


@pytest.fixture(scope="module")
def stages(product: Product) -> Iterator[dict[Case, Stage]]:
    """Every script, played in a sandbox of its own, several at the same time to save time."""
    with ThreadPoolExecutor(5) as players:
        played = dict(zip(CASES, players.map(partial(play, product), CASES), strict=True))
    yield played
    for stage in played.values():
        stage.sandbox.leave()


@pytest.mark.parametrize("case", CASES, ids=named)
def test_what_the_checker_says_is_what_arrives(product: Product, stages: dict[Case, Stage], case: Case) -> None:
    judge(product, stages[case], case)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("case", CASES, ids=named)
def test_it_is_so_in_twenty_runs_of_twenty(product: Product, case: Case) -> None:
    with ThreadPoolExecutor(4) as players:
        for stage in players.map(partial(play, product), [case] * 20):
            judge(product, stage, case)
            stage.sandbox.leave()


def judge(product: Product, stage: Stage, case: Case) -> None:
    """The e-mails that came by SMTP and the rows of the ledger, against what the checker foretells."""
    strategy, key, moves = case
    world = replay(strategy, key, moves)
    orders = sorted({order for order, _ in stage.cast.values()})
    foretold = +Counter(dict(zip(orders, world.effects, strict=False)))

    assert Counter(mail["order"] for mail in stage.sandbox.inbox()) == foretold
    assert Counter(effects(product, "emails", stage.sandbox)) == foretold
    ledger = stage.sandbox.change()
    assert adds_up(ledger["ledger"])
    assert (ledger["ledger"]["lost"] > 0) == (world.outcome == "lost")
    assert (ledger["ledger"]["duplicated"] > 0) == (max(world.effects) > 1)
    assert ledger["ledger"]["placed"] == len(orders)


def test_a_worker_killed_after_its_first_claim_takes_the_email_with_it(stages: dict[Case, Stage]) -> None:
    """The queue does its part, and delivers the message again; it is the claim that nobody undoes."""
    stage = stages[KILLED_AFTER_ITS_CLAIM]

    ledger = stage.sandbox.change()["ledger"]

    assert stage.sandbox.inbox() == []
    assert (ledger["placed"], ledger["lost"], ledger["done"]) == (1, 1, 0)
    assert adds_up(ledger)
    assert [event["order"] for event in stage.sandbox.events("MessageRedelivered")] == [stage.cast["A"][0]] * 2
    skipped = [event for event in stage.sandbox.events("DuplicateSuppressed") if event["step"] == "email"]
    assert [(event["attempt"], event["by"]) for event in skipped] == [(2, "sender"), (3, "sender")]
    order = stage.sandbox.order(stage.cast["A"][0])
    assert {step["name"]: step["state"] for step in order["steps"]}["email"] == "skipped"
    assert not order["complete"]


def test_the_partner_judges_by_what_it_received(stages: dict[Case, Stage]) -> None:
    """Its step is not held: what it receives twice is what no key kept from it."""
    received = {(case[0], case[1]): len(stages[case].sandbox.deliveries()) for case in CASES}

    assert received["receiver", "random"] == received["off", "order"] == 2
    assert received["receiver", "order"] == received["receiver", "email_address"] == 1
    assert {delivery["key"] for delivery in stages[CASES[0]].sandbox.deliveries()} == {None}
