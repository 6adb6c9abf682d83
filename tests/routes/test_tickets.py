"""Tickets of small messages over HTTP: 202 when accepted, 429 when refused, 422 with what is allowed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.product import Product, Sandbox, eventually
from tests.routes.asking import problem, send_workers_home, wrong_fields

BAD = [
    *[{"events": value} for value in ([], ["x"] * 11, "x", None, [1], [""], ["\x00"], ["x" * 101])],
    *[{"about": value} for value in ("orders", "", None, 1)],
    *[{"work_ms": value} for value in (-1, 2001, "5")],
    *[{"lookup": value} for value in ("many", 1)],
    {"priority": "high"},
]

ALLOWED = [
    *[("backpressure", value) for value in ("reject", "shed", "reject+shed", "reject+prioritise+shed", "none")],
    *[("queue_limit", value) for value in (10, 3000)],
    *[("low_share", value) for value in (0, 0.1, 0.2, 0.5)],
    *[("shed_after_s", value) for value in (1, 60)],
]
FORBIDDEN = [
    *[("backpressure", value) for value in ("", "none+shed", "shed+reject", "reject+reject", "all", None, ["shed"])],
    *[("queue_limit", value) for value in (0, 9, 3001, 1.5, "100", None)],
    *[("low_share", value) for value in (1, -0.1, 0.3, "0.1", None)],
    *[("shed_after_s", value) for value in (0, 61, 1.5, None)],
]


def send(sandbox: Sandbox, **body: Any) -> Any:
    return sandbox.http.post(sandbox.url("/tickets"), json={"events": ["seen"] * 10} | body)


def unattended(product: Product, **settings: Any) -> Sandbox:
    """A sandbox whose workers have gone home."""
    sandbox = product.new_sandbox(**settings)
    send_workers_home(sandbox)
    return sandbox


def test_a_ticket_is_accepted_before_it_is_counted(sandbox: Sandbox) -> None:
    answer = send(sandbox)

    assert (answer.status_code, answer.json()["small"]) == (202, 10)
    [counted] = sandbox.wait_for("TicketCounted")
    assert (counted["message"], counted["small"], counted["order"]) == (answer.json()["message"], 10, None)
    ledger = sandbox.wait_until_done(1)["ledger"]
    assert (ledger["placed"], ledger["done"], ledger["lost"], ledger["duplicated"]) == (1, 1, 0, 0)


@pytest.mark.parametrize("body", BAD, ids=str)
def test_a_wrong_ticket_is_told_what_is_allowed(resting: Sandbox, body: dict[str, Any]) -> None:
    answer = send(resting, **body)

    assert answer.status_code == 422
    assert wrong_fields(answer) == set(body)


def test_at_the_limit_a_producer_is_told_when_to_come_back(product: Product) -> None:
    sandbox = unattended(product, backpressure="reject", queue_limit=10)
    answers = [send(sandbox) for _ in range(12)]

    assert [answer.status_code for answer in answers] == [202] * 10 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert "queue_limit" in problem(answers[-1], 429)["detail"]
    assert sandbox.http.post(sandbox.url("/orders"), json={"checkout": "later"}).status_code == 429
    snapshot = sandbox.change(backpressure="reject+prioritise")
    assert (snapshot["ledger"]["waiting"], snapshot["ledger"]["refused"]) == (10, 3)
    assert snapshot["memory_bytes"] > 4000
    assert send(sandbox, about="payments").status_code == 202
    assert send(sandbox).status_code == 429
    sandbox.leave()


def test_two_queues_are_told_apart_while_payments_come_first(product: Product) -> None:
    sandbox = unattended(product, backpressure="prioritise", speed=10)
    assert sandbox.snapshot()["queues"]["analytics"] == {"depth": 0}
    for about in ("payments", "analytics", "analytics"):
        send(sandbox, about=about)

    queues = sandbox.change(workers=0)["queues"]
    assert (queues["checkout"]["depth"], queues["analytics"]["depth"]) == (1, 2)
    sandbox.change(workers=1)
    sandbox.wait_until_done(3)
    sandbox.leave()


def test_a_flood_of_small_messages_comes_in_tens_and_ends_by_itself(sandbox: Sandbox) -> None:
    sandbox.change(workers=4)
    flood = {"kind": "analytics", "per_second": 200, "seconds": 1}
    assert sandbox.http.post(sandbox.url("/floods"), json=flood).status_code == 202
    assert sandbox.http.post(sandbox.url("/floods"), json=flood).status_code == 429
    payments = {"kind": "analytics", "priority": "high", "per_second": 20, "seconds": 1}
    assert sandbox.http.post(sandbox.url("/floods"), json=payments).status_code == 202

    ended = {event["kind"]: event for event in sandbox.wait_for("FloodEnded", 2)}

    assert (ended["analytics"]["placed"], ended["payments"]["placed"]) == (200, 20)
    assert eventually(lambda: sandbox.snapshot()["ledger"]["done"] == 22)
    accepted = {event["about"] for event in sandbox.events("TicketAccepted")}
    assert accepted == {"analytics", "payments"}


def test_a_ticket_may_ask_another_server_first(sandbox: Sandbox) -> None:
    sandbox.change(speed=4, workers=4)
    for way in ("one", "parallel", "cached"):
        for _ in range(3):
            send(sandbox, lookup=way, work_ms=1)

    counted = sandbox.wait_for("TicketCounted", 9)

    assert all(event["outside_s"] > 0.02 for event in counted[:3])


@pytest.mark.parametrize(("name", "value"), ALLOWED)
def test_the_answers_to_a_flood_can_be_set(resting: Sandbox, name: str, value: Any) -> None:
    assert resting.change(**{name: value})["settings"][name] == value


@pytest.mark.parametrize(("name", "value"), FORBIDDEN)
def test_answers_that_do_not_go_together_are_refused_with_those_that_do(
    resting: Sandbox, name: str, value: Any
) -> None:
    answer = resting.http.patch(resting.url(), json={name: value})

    assert wrong_fields(answer) == {name}


@pytest.mark.parametrize(
    ("wanted", "wrong"),
    [
        ({"kind": "analytics", "per_second": 1001}, "per_second"),
        ({"kind": "analytics", "per_second": 0}, "per_second"),
        ({"kind": "checkout", "per_second": 21}, "per_second"),
        ({"kind": "analytics", "per_second": 1, "priority": "middle"}, "priority"),
    ],
)
def test_a_flood_beyond_the_bounds_of_its_kind_is_refused(resting: Sandbox, wanted: dict[str, Any], wrong: str) -> None:
    answer = resting.http.post(resting.url("/floods"), json=wanted | {"seconds": 1})

    assert wrong_fields(answer) == {wrong}
