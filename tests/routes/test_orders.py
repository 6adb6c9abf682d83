"""Orders: placed both ways, looked at while they are worked on, and refused."""

from __future__ import annotations

import re
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.product import Sandbox, eventually
from tests.routes.asking import Visitor, problem, send_workers_home
from workers.attempts import LATE_AT_MOST_S

STEPS = ("payment", "order", "email", "pdf", "inventory", "analytics", "webhook", "audit", "loyalty")


def test_later_answers_after_payment_and_record_and_a_worker_does_the_rest(sandbox: Sandbox) -> None:
    answer = sandbox.http.post(sandbox.url("/orders"), json={"checkout": "later", "email": "grace@example.com"})

    placed = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == placed["links"]["self"] == sandbox.url(f"/orders/{placed['id']}")
    assert placed["waited_s"] >= 0.09
    assert [step["name"] for step in placed["steps"]] == list(STEPS)
    assert [step["where"] for step in placed["steps"]] == ["request"] * 2 + ["worker"] * 7
    assert [step["state"] for step in placed["steps"][:2]] == ["done", "done"]
    assert not placed["complete"]
    sandbox.wait_until_done(1)
    assert all_effects_exist_once(sandbox, placed["id"], "grace@example.com")


def test_now_answers_after_all_nine_steps(sandbox: Sandbox) -> None:
    placed = sandbox.place("now")

    assert placed["complete"]
    assert placed["waited_s"] >= 1.28
    assert {step["where"] for step in placed["steps"]} == {"request"}
    assert all_effects_exist_once(sandbox, placed["id"], "ada@example.com")
    assert sandbox.events("MessageEnqueued") == []


def test_every_step_says_when_it_ran_and_how_long(sandbox: Sandbox) -> None:
    order = sandbox.place()["id"]
    sandbox.wait_until_done(1)

    steps = sandbox.order(order)["steps"]
    figures = (0.8, 0.1, 2.0, 3.0, 2.0, 1.0, 2.0, 1.0, 0.9)
    for step, figure in zip(steps, figures, strict=True):
        # At least its share of the story's figure; how much more depends on what else the machine does.
        assert figure / 10 - LATE_AT_MOST_S <= step["seconds"] < figure / 10 + 2
        began, ended = (datetime.fromisoformat(step[moment]) for moment in ("started_at", "ended_at"))
        assert abs((ended - began).total_seconds() - step["seconds"]) < 0.5
        assert step["attempts"] == 1
    starts = [step["started_at"] for step in steps]
    assert starts == sorted(starts)


def test_an_order_can_be_watched(sandbox: Sandbox) -> None:
    send_workers_home(sandbox)
    order = sandbox.place()["id"]
    waiting = sandbox.order(order)
    assert {step["state"] for step in waiting["steps"][2:]} == {"waiting"}
    assert {(step["started_at"], step["ended_at"], step["seconds"]) for step in waiting["steps"][2:]} == {(None,) * 3}

    sandbox.change(workers=1, speed=2)

    def running() -> list[str]:
        return [step["name"] for step in sandbox.order(order)["steps"] if step["state"] == "running"]

    assert set(eventually(running, what="a step under way")) <= set(STEPS[2:])


def test_the_receipt_is_not_there_until_a_worker_has_made_it_and_then_opens(sandbox: Sandbox) -> None:
    send_workers_home(sandbox)
    placed = sandbox.place(email="grace@example.com")
    problem(sandbox.http.get(placed["links"]["receipt"]), 404)

    sandbox.change(workers=2)
    sandbox.wait_until_done(1)

    receipt = sandbox.http.get(placed["links"]["receipt"])
    assert receipt.headers["Content-Type"] == "application/pdf"
    text = text_of_pdf(receipt.content)
    assert f"order {placed['id']}" in text
    assert "grace@example.com" in text
    assert "69.00 EUR" in text


@pytest.mark.parametrize("checkout", ["now", "later"])
def test_a_declined_card_leaves_no_order_and_no_message(sandbox: Sandbox, checkout: str) -> None:
    answer = sandbox.http.post(sandbox.url("/orders"), json={"checkout": checkout, "card": "declined"})

    assert "declined" in problem(answer, 402)["detail"]
    assert sandbox.change()["ledger"]["placed"] == 0
    assert sandbox.events("OrderPlaced", "MessageEnqueued", "MessageTaken") == []
    assert [event["outcome"] for event in sandbox.events("CustomerAnswered")] == ["declined"]
    problem(sandbox.http.get(sandbox.url("/orders/1001")), 404)
    assert (sandbox.inbox(), sandbox.deliveries()) == ([], [])


def test_a_repeated_request_gets_the_first_answer_and_places_nothing(sandbox: Sandbox) -> None:
    first, again = (keyed(sandbox, "double click", {"checkout": "later"}) for _ in range(2))

    assert (again.status_code, again.json(), again.headers["Location"]) == (
        201,
        first.json(),
        first.headers["Location"],
    )
    sandbox.wait_until_done(1)
    assert keyed(sandbox, "double click", {"checkout": "later"}).json() == first.json()
    assert sandbox.change()["ledger"]["placed"] == 1


def test_of_requests_at_the_same_moment_one_places_the_order(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(4) as crowd:
        answers = list(crowd.map(lambda _: keyed(sandbox, "at once", {"checkout": "now"}), range(4)))

    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.text for answer in answers}) == 1
    assert len(sandbox.events("OrderPlaced")) == len(sandbox.inbox()) == 1


def test_a_decline_is_repeated_as_well(sandbox: Sandbox) -> None:
    for _ in range(2):
        problem(keyed(sandbox, "declined", {"checkout": "later", "card": "declined"}), 402)

    assert len(sandbox.events("CheckoutStarted")) == 1


def test_a_key_belongs_to_one_request_of_one_sandbox(sandbox: Sandbox, resting: Sandbox) -> None:
    assert keyed(sandbox, "mine", {"checkout": "later"}).status_code == 201

    for other in ({"checkout": "now"}, {"checkout": "later", "email": "eve@example.com"}):
        assert "new key" in problem(keyed(sandbox, "mine", other), 422)["detail"]
    assert keyed(resting, "mine", {"checkout": "later", "email": "eve@example.com"}).status_code == 201
    assert keyed(sandbox, "another", {"checkout": "later"}).json()["id"] == 1002


def test_the_inbox_and_the_deliveries_are_newest_first(sandbox: Sandbox) -> None:
    for name in ("ada", "grace"):
        sandbox.place("now", email=f"{name}@example.com")

    newest, oldest = sandbox.inbox()
    assert (newest["to"], oldest["to"]) == ("grace@example.com", "ada@example.com")
    assert "1002" in newest["subject"]
    assert "Copper teapot" in newest["body"]
    assert newest["at"] > oldest["at"]
    assert [delivery["order"] for delivery in sandbox.deliveries()] == [1002, 1001]
    assert sandbox.deliveries()[0]["body"]["order"] == 1002


def test_nobody_sees_the_orders_of_another_sandbox(sandbox: Sandbox, resting: Sandbox) -> None:
    sandbox.place("now")

    assert sandbox.inbox()[0]["order"] == 1001
    assert [mail for mail in resting.inbox() if mail["order"] == 1001] == []
    problem(resting.http.get(sandbox.url("/orders/1001")), 404)


def test_customers_beyond_a_sandboxs_share_of_the_threads_are_turned_away_for_a_moment(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(48) as crowd:
        answers = list(crowd.map(lambda _: post_order(sandbox, {"checkout": "now"}), range(48)))

    refused = [answer for answer in answers if answer.status_code != 201]
    for answer in refused:
        told = problem(answer, 429)
        assert (told["cap"], told["limit"]) == ("checkouts_now", sandbox.snapshot()["caps"]["checkouts_now"])
        assert int(answer.headers["Retry-After"]) > 0
    assert refused
    assert len(sandbox.events("RequestRefused")) == len(refused)
    ledger = sandbox.change()["ledger"]
    assert (ledger["refused"], ledger["placed"]) == (len(refused), 48 - len(refused))


def test_a_form_places_an_order_and_comes_back_to_the_page(visitor: Visitor) -> None:
    here = visitor.move_in(speed=10)

    answer = visitor.send(f"{here}/orders", checkout="now", email="grace+tea%shop@example.com")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "grace+tea%shop@example.com" in visitor.open(f"{here}/inbox")
    assert "1001" in visitor.open(f"{here}/deliveries")
    page = visitor.open(f"{here}/orders/1001")
    assert "Order № 1001" in page
    assert all(step in page for step in STEPS)
    declined = visitor.send(f"{here}/orders", checkout="later", card="declined")
    assert declined.status_code == 402
    assert "<h1>Card declined</h1>" in declined.text


def all_effects_exist_once(sandbox: Sandbox, order: int, email: str) -> bool:
    assert [(mail["order"], mail["to"]) for mail in sandbox.inbox()] == [(order, email)]
    assert [delivery["order"] for delivery in sandbox.deliveries()] == [order]
    assert f"order {order}" in text_of_pdf(sandbox.http.get(sandbox.url(f"/orders/{order}/receipt.pdf")).content)
    known = sandbox.order(order)
    assert {step["state"] for step in known["steps"]} == {"done"}
    ledger = sandbox.change()["ledger"]
    assert (ledger["placed"], ledger["done"], ledger["lost"], ledger["duplicated"]) == (1, 1, 0, 0)
    return bool(known["complete"])


def keyed(sandbox: Sandbox, key: str, order: dict[str, Any]) -> httpx.Response:
    return sandbox.http.post(sandbox.url("/orders"), json=order, headers={"Idempotency-Key": key})


def post_order(sandbox: Sandbox, order: dict[str, Any]) -> httpx.Response:
    """On a connection of its own, as another customer does."""
    address = str(sandbox.http.base_url.join(sandbox.url("/orders")))
    return httpx.post(address, json=order, headers=sandbox.http.headers, timeout=60, verify=False)


def text_of_pdf(pdf: bytes) -> str:
    """The text of a PDF whose frame is sound: header, trailer, and a cross-reference table where it says."""
    assert pdf.startswith(b"%PDF-1.")
    assert pdf.rstrip().endswith(b"%%EOF")
    [table] = re.findall(rb"startxref\s+(\d+)", pdf)
    assert pdf[int(table) :].startswith(b"xref")
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1
    streams = re.findall(rb"/Length (\d+).*?stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    pages = [zlib.decompress(stream) for length, stream in streams if len(stream) == int(length)]
    return b"\n".join(pages).decode("latin-1")
