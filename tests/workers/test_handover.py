"""Three ways of handing a message over, with real checkout processes killed between the commit and the enqueue."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.product import Product, Sandbox, eventually, running
from tests.stopping import frozen
from tests.workers.witness import adds_up

MODES = ("outbox", "commit_then_enqueue", "enqueue_then_commit")


@pytest.mark.parametrize("mode", MODES)
def test_without_a_crash_every_way_completes_the_order(sandbox: Sandbox, mode: str) -> None:
    sandbox.change(handover=mode, workers=4)
    orders = [sandbox.place()["id"] for _ in range(4)]

    ledger = sandbox.wait_until_done(4)["ledger"]

    assert adds_up(ledger)
    assert (ledger["placed"], ledger["lost"], ledger["dead"]) == (4, 0, 0)
    assert sorted(event["order"] for event in sandbox.events("MessageEnqueued")) == orders
    assert {mail["order"] for mail in sandbox.inbox()} == set(orders)


@pytest.mark.parametrize("run", [1, *(pytest.param(run, marks=pytest.mark.soak) for run in range(2, 21))])
def test_committed_and_not_enqueued_is_an_order_that_nobody_completes(sandbox: Sandbox, run: int) -> None:
    sandbox.change(handover="commit_then_enqueue")
    answer = die_between(sandbox)

    assert answer.status_code == 503
    assert "died" in answer.json()["detail"]
    [crash] = sandbox.wait_for("CheckoutCrashed")
    assert crash["signal"] == "SIGKILL"
    ledger = eventually(lambda: settled(sandbox, 1))
    assert (ledger["placed"], ledger["lost"]) == (1, 1)
    assert sandbox.order(crash["order"])["email"] == "ada@example.com"
    # Another order goes through, and the audit has looked meanwhile: nobody picks the first one up.
    sandbox.place()
    assert sandbox.wait_until_done(1)["ledger"]["lost"] == 1
    assert sandbox.events("MessageRedelivered") == []
    assert crash["order"] not in {event["order"] for event in sandbox.events("MessageEnqueued", "MessageTaken")}


@pytest.mark.parametrize("run", [1, *(pytest.param(run, marks=pytest.mark.soak) for run in range(2, 21))])
def test_enqueued_and_not_committed_is_a_message_about_an_order_that_there_is_not(sandbox: Sandbox, run: int) -> None:
    sandbox.change(handover="enqueue_then_commit", attempts=2, backoff="none")
    assert die_between(sandbox).status_code == 503

    [dead] = sandbox.wait_for("MessageDeadLettered")

    [crash] = sandbox.events("CheckoutCrashed")
    assert (dead["order"], dead["group"]) == (crash["order"], "OrderMissing")
    [letter] = sandbox.http.get(sandbox.url("/dead-letters")).json()["letters"]
    assert letter["error"] == f"There is no order {crash['order']}."
    assert sandbox.http.get(sandbox.url(f"/orders/{crash['order']}")).status_code == 404
    ledger = eventually(lambda: settled(sandbox, 1))
    assert (ledger["placed"], ledger["dead"], ledger["lost"]) == (1, 1, 0)
    assert sandbox.inbox() == []


@pytest.mark.parametrize("run", [1, *(pytest.param(run, marks=pytest.mark.soak) for run in range(2, 21))])
def test_with_the_outbox_the_order_is_completed_although_its_checkout_died(sandbox: Sandbox, run: int) -> None:
    assert die_between(sandbox).status_code == 503

    ledger = sandbox.wait_until_done(1)["ledger"]

    [crash] = sandbox.events("CheckoutCrashed")
    assert adds_up(ledger)
    assert (ledger["placed"], ledger["lost"]) == (1, 0)
    assert [mail["order"] for mail in sandbox.inbox()] == [crash["order"]]


def test_a_wipe_loses_what_nothing_had_promised(sandbox: Sandbox) -> None:
    sandbox.change(handover="commit_then_enqueue", workers=0)
    orders = [sandbox.place()["id"] for _ in range(3)]

    assert sandbox.wipe() == 3

    lost = sandbox.events("MessageLost")
    assert sorted(event["order"] for event in lost) == orders
    ledger = eventually(lambda: settled(sandbox, 3))
    assert (ledger["placed"], ledger["lost"], ledger["waiting"]) == (3, 3, 0)
    sandbox.change(workers=2)
    assert sandbox.events("MessageTaken") == []


def test_what_a_worker_was_at_during_a_wipe_it_finishes(sandbox: Sandbox) -> None:
    sandbox.change(handover="commit_then_enqueue", workers=1)
    sandbox.wait_for_workers(1)
    sandbox.hold("audit", 60)
    first = sandbox.place()["id"]
    sandbox.wait_for("WorkerHeld")
    second = sandbox.place()["id"]

    sandbox.wipe()

    assert [event["order"] for event in sandbox.events("MessageLost")] == [second]
    sandbox.end_hold()
    ledger = sandbox.wait_until_done(1)["ledger"]
    assert adds_up(ledger)
    assert (ledger["placed"], ledger["lost"]) == (2, 1)
    assert [event["order"] for event in sandbox.wait_for("MessageAcknowledged")] == [first]


@pytest.mark.parametrize(("mode", "lost"), [("outbox", False), ("commit_then_enqueue", True)])
def test_a_wipe_in_the_middle_of_a_flood(sandbox: Sandbox, mode: str, lost: bool) -> None:
    sandbox.change(handover=mode, workers=2, idempotency="receiver")
    sandbox.flood(per_second=20, seconds=2)
    sandbox.wait_for("MessageEnqueued", count=15)

    assert sandbox.wipe() > 5

    sandbox.change(workers=8)
    [flood] = sandbox.wait_for("FloodEnded")
    ledger = eventually(lambda: settled(sandbox, flood["placed"]), 60, "nothing is on its way any more")
    assert (ledger["lost"] > 0) == lost
    assert ledger["done"] + ledger["lost"] == ledger["placed"]


def test_a_crash_that_waits_for_a_checkout_waits_for_this_sandboxs(product: Product, sandbox: Sandbox) -> None:
    other = product.new_sandbox(speed=10)
    sandbox.crash("between", "checkout")

    other.place()

    assert other.wait_until_done(1)["ledger"]["lost"] == 0
    assert other.events("CheckoutCrashed") == []
    assert sandbox.events("CheckoutCrashed") == []
    sandbox.calm()
    assert sandbox.place()["waited_s"] > 0
    assert sandbox.events("CheckoutCrashed") == []
    other.leave()


def test_a_declined_card_and_a_checkout_now_do_not_meet_the_crash(sandbox: Sandbox) -> None:
    sandbox.crash("between", "checkout")

    declined = sandbox.http.post(sandbox.url("/orders"), json={"checkout": "later", "card": "declined"})

    assert declined.status_code == 402
    assert len(sandbox.place("now")["steps"]) == 9
    assert order(sandbox).status_code == 503


def test_the_web_processes_live_on(product: Product, sandbox: Sandbox) -> None:
    before = web_processes(product)

    assert die_between(sandbox).status_code == 503

    assert web_processes(product) == before
    assert sandbox.events("WorkerCrashed") == []
    assert len(sandbox.living_workers()) == 2


def test_a_customer_with_a_browser_reads_a_page(sandbox: Sandbox) -> None:
    sandbox.crash("between", "checkout")

    page = sandbox.http.post(sandbox.url("/orders"), json={"checkout": "later"}, headers={"Accept": "text/html"})

    assert (page.status_code, page.headers["Content-Type"].partition(";")[0]) == (503, "text/html")
    assert "nobody knows" in page.text
    [answered] = sandbox.events("CustomerAnswered")
    assert answered["outcome"] == "failed"


def test_while_the_supervisor_is_away_the_order_is_refused_and_not_taken_later(
    product: Product, sandbox: Sandbox
) -> None:
    sandbox.crash("between", "checkout")
    with frozen(product, "workers.supervisor"):
        answer = order(sandbox)

    assert (answer.status_code, answer.json()["title"]) == (503, "The supervisor is away")
    assert order(sandbox).json()["title"] == "The checkout died"
    [crash] = sandbox.events("CheckoutCrashed")
    assert eventually(lambda: settled(sandbox, 1))["done"] == 1
    assert [mail["order"] for mail in sandbox.inbox()] == [crash["order"]]


@pytest.mark.soak
def test_a_checkout_dies_with_its_supervisor(tmp_path: Path) -> None:
    with running(tmp_path) as product, ThreadPoolExecutor() as customers:
        sandbox = product.new_sandbox(speed=0.5)
        workers = {worker["pid"] for worker in sandbox.wait_for_workers(2)}
        sandbox.crash("between", "checkout")
        answer = customers.submit(order, sandbox)
        sandbox.wait_for("CheckoutStarted")
        supervisor = product.process_of("workers.supervisor")
        [till] = [child for child in supervisor.children() if child.pid not in workers]

        supervisor.kill()

        assert answer.result().json()["title"] == "The checkout died"
        [crash] = sandbox.events("CheckoutCrashed")
        assert crash["pid"] == till.pid
        assert not till.is_running()
        assert eventually(lambda: settled(sandbox, 0), what="it died before there was an order")["lost"] == 0


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"victim": "any", "at": "between"}, "at"),
        ({"victim": "checkout", "at": "now"}, "at"),
        ({"victim": "checkout", "at": "before:pdf"}, "at"),
        ({"victim": "checkout"}, "at"),
        ({"victim": "any", "at": "betwixt"}, "at"),
    ],
)
def test_what_cannot_be_killed_there_is_refused(sandbox: Sandbox, wish: dict[str, Any], field: str) -> None:
    answer = sandbox.http.post(sandbox.url("/crashes"), json=wish)

    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def die_between(sandbox: Sandbox) -> httpx.Response:
    sandbox.crash("between", "checkout")
    return order(sandbox)


def order(sandbox: Sandbox) -> httpx.Response:
    return sandbox.http.post(sandbox.url("/orders"), json={"checkout": "later"})


def settled(sandbox: Sandbox, placed: int) -> dict[str, int]:
    """The ledger once so many orders are placed, and all have come to an end; it adds up at every look."""
    ledger: dict[str, int] = sandbox.snapshot()["ledger"]
    assert adds_up(ledger), ledger
    at_an_end = ledger["waiting"] + ledger["running"] + ledger["scheduled"] == 0
    return ledger if at_an_end and ledger["placed"] == placed else {}


def web_processes(product: Product) -> set[int]:
    server = product.process_of("granian")
    return {server.pid, *(child.pid for child in server.children())}
