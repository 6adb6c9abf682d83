"""Checkouts that a reader designed: whatever is sorted into later is done later, with all that follows from it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.product import Sandbox, eventually
from tests.routes.asking import send_workers_home, wrong_fields
from tests.workers import witness

SEVEN = ["email", "pdf", "inventory", "analytics", "webhook", "audit", "loyalty"]
NINE = ["payment", "order", *SEVEN]


def test_the_usual_seven_later_are_the_usual_checkout(sandbox: Sandbox) -> None:
    placed = sandbox.place(later=SEVEN)

    assert [step["where"] for step in placed["steps"]] == ["request"] * 2 + ["worker"] * 7
    assert sandbox.wait_until_done(1)["ledger"]["lost"] == 0
    assert sandbox.order(placed["id"])["complete"]


def test_a_step_that_stays_in_the_request_is_waited_for(sandbox: Sandbox) -> None:
    placed = sandbox.place(later=[step for step in SEVEN if step != "email"])

    assert placed["waited_s"] >= 0.29
    assert [mail["order"] for mail in sandbox.inbox()] == [placed["id"]]
    sandbox.wait_until_done(1)


def test_with_nothing_later_everything_is_waited_for_and_nothing_queued(sandbox: Sandbox) -> None:
    placed = sandbox.place(later=[])

    assert placed["complete"]
    assert placed["waited_s"] >= 1.28
    assert sandbox.events("MessageEnqueued") == []
    assert sandbox.wait_until_done(1)["ledger"]["placed"] == 1


def test_payment_later_says_success_for_a_declined_card_and_ships_all_the_same(sandbox: Sandbox) -> None:
    placed = sandbox.place(later=["payment", *SEVEN], card="declined")

    ledger = sandbox.wait_until_done(1)["ledger"]
    [failed] = sandbox.events("StepFailed")
    assert (failed["step"], failed["where"]) == ("payment", "worker")
    assert "declined" in failed["error"]
    assert [mail["order"] for mail in sandbox.inbox()] == [placed["id"]]
    assert [delivery["order"] for delivery in sandbox.deliveries()] == [placed["id"]]
    assert (ledger["done"], ledger["lost"]) == (1, 0)


def test_the_order_later_leaves_a_receipt_for_an_order_that_does_not_exist(sandbox: Sandbox) -> None:
    send_workers_home(sandbox)
    placed = sandbox.place(later=["order", "inventory"])
    order = sandbox.url(f"/orders/{placed['id']}")

    assert sandbox.http.get(f"{order}/receipt.pdf").status_code == 200
    assert sandbox.http.get(order).status_code == 404
    assert adds_up(sandbox) == {"placed": 1, "waiting": 1}

    sandbox.change(workers=2)
    sandbox.wait_until_done(1)
    made = sandbox.order(placed["id"])
    assert made["waited_s"] == placed["waited_s"]
    assert [step["where"] for step in made["steps"]].count("worker") == 2
    assert adds_up(sandbox) == {"placed": 1, "done": 1}


def test_everything_later_is_answered_at_once_and_a_killed_worker_makes_no_second_order(sandbox: Sandbox) -> None:
    sandbox.change(visibility_timeout_s=2)
    sandbox.crash(at="after:email")
    placed = sandbox.place(later=NINE)

    assert {step["where"] for step in placed["steps"]} == {"worker"}
    sandbox.wait_until_done(1)
    assert [event["order"] for event in sandbox.events("OrderPlaced")] == [placed["id"]]
    assert len(sandbox.events("WorkerCrashed")) == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"checkout": "now", "later": ["email"]}, "later"),
        ({"checkout": "later", "later": ["e-mail"]}, "later"),
        ({"checkout": "later", "later": ["email", "email"]}, "later"),
        ({"checkout": "later", "later": "email"}, "later"),
        ({"checkout": "later", "later": ["email"], "race": "abc"}, "later"),
    ],
)
def test_a_design_that_cannot_be_is_refused(sandbox: Sandbox, more: dict[str, Any], field: str) -> None:
    answer = sandbox.http.post(sandbox.url("/orders"), json=more)

    assert answer.status_code == 422
    assert wrong_fields(answer) == {field}


def adds_up(sandbox: Sandbox) -> dict[str, int]:
    """Where the orders are, once the sampler has seen it: only the places that hold any."""

    def look() -> dict[str, int]:
        ledger = sandbox.snapshot()["ledger"]
        known = witness.adds_up(ledger) and ledger["placed"] > 0
        return {name: count for name, count in ledger.items() if count} if known else {}

    return eventually(look, 10, "a ledger that adds up")
