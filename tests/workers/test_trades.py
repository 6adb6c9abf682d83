"""Photos, films and reports on live workers: what is left to them, what a death costs, and a ledger that adds up."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from tests.product import Product, Sandbox, eventually
from tests.workers.back_of_house import at_the_counter_of
from tests.workers.witness import adds_up, rows
from workers import fleet, history, placing, trades
from workers.shop import photos
from workers.shop.orders import Order
from workers.shop.parts import find
from workers.trades import TRADES

LEASE_S = 2
VIDEO = tuple(step.name for step in TRADES["video"])
ONCE = {trade: {step.name: 1 for step in steps} for trade, steps in TRADES.items()}


@pytest.fixture
def lab(product: Product, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox of the running product, in whose ledger this process is as well, because no address takes a trade."""
    sandbox.change(visibility_timeout_s=LEASE_S)
    with at_the_counter_of(product, monkeypatch):
        yield sandbox


def test_a_killed_workers_thumbnails_are_made_by_another_from_the_original(lab: Sandbox) -> None:
    fleet.wish_crash(lab.id, "any", "in:thumbnails")
    answer = place(lab, "photo", later=("thumbnails", "index"))
    original = find(lab.id, f"/photos/{answer.order.number}/original")

    lab.wait_for("WorkerCrashed")
    ledger = lab.wait_until_done(1)["ledger"]

    assert answer.waited_s < 0.4, "the original, and no more"
    assert original == find(lab.id, f"/photos/{answer.order.number}/original"), "before and after"
    assert trades.parts(lab.id, answer.order.number) == ONCE["photo"]
    assert trades.broken_links(lab.id) == 0
    assert adds_up(ledger)
    assert (ledger["lost"], ledger["duplicated"]) == (0, 0)
    sides = [Image.open(BytesIO(found)).size[0] for found in thumbnails(answer.order)]
    assert sides == list(photos.THUMBNAILS)


def test_an_index_that_came_first_leads_nowhere_when_the_worker_of_the_original_dies(lab: Sandbox) -> None:
    lab.change(acknowledge="early")
    fleet.wish_crash(lab.id, "any", "in:original")
    number = place(lab, "photo", later=("original", "thumbnails")).order.number

    lab.wait_for("WorkerCrashed")
    ledger = wait_until_lost(lab)

    assert trades.parts(lab.id, number) == {"original": 0, "thumbnails": 0, "index": 1}
    assert trades.broken_links(lab.id) == 1
    assert (ledger["placed"], ledger["done"], adds_up(ledger)) == (1, 0, True)


def test_a_late_acknowledgement_mends_that_link(lab: Sandbox) -> None:
    fleet.wish_crash(lab.id, "any", "in:original")
    number = place(lab, "photo", later=("original", "thumbnails")).order.number
    assert trades.broken_links(lab.id) == 1, "for as long as nobody has stored the original"

    lab.wait_until_done(1)

    assert trades.parts(lab.id, number) == ONCE["photo"]
    assert trades.broken_links(lab.id) == 0


@pytest.mark.parametrize(
    "later",
    [
        pytest.param((), id="everything", marks=pytest.mark.soak),
        pytest.param(VIDEO[2:], id="save and record", marks=pytest.mark.soak),
        pytest.param(VIDEO, id="nothing"),
    ],
)
def test_a_film_is_made_whoever_makes_it(lab: Sandbox, later: tuple[str, ...]) -> None:
    now_s = sum(step.seconds for step in TRADES["video"] if step.name not in later) / 10
    answer = place(lab, "video", later=later)

    ledger = lab.wait_until_done(1)["ledger"]

    assert now_s <= answer.waited_s + 0.05
    assert trades.parts(lab.id, answer.order.number) == ONCE["video"]
    assert (ledger["placed"], ledger["lost"], ledger["duplicated"], adds_up(ledger)) == (1, 0, 0, True)
    assert len(lab.events("MessageEnqueued")) == bool(later)
    where = [step["where"] for step in history.order(lab.id, answer.order.number)["steps"]]
    assert where == ["worker" if name in later else "request" for name in VIDEO]


def test_a_film_that_nobody_had_stored_is_gone_with_a_worker_that_had_acknowledged_it(lab: Sandbox) -> None:
    lab.change(acknowledge="early")
    fleet.wish_crash(lab.id, "any", "in:original")
    number = place(lab, "video", later=VIDEO).order.number

    ledger = wait_until_lost(lab)

    assert set(trades.parts(lab.id, number).values()) == {0}
    assert (ledger["placed"], adds_up(ledger)) == (1, True)


def test_a_report_is_built_by_a_worker_for_whoever_may_see_it(lab: Sandbox) -> None:
    photo = place(lab, "photo", later=())
    answer = place(lab, "report", later=("report",))
    assert answer.waited_s < 1

    ledger = lab.wait_until_done(2)["ledger"]

    assert trades.parts(lab.id, answer.order.number) == ONCE["report"]
    assert (find(lab.id, f"/reports/{answer.order.number}/report") or b"").startswith(b"%PDF-")
    assert (ledger["placed"], ledger["lost"], adds_up(ledger)) == (2, 0, True)
    assert history.order(lab.id, photo.order.number)["complete"]


def test_a_refusal_that_was_left_to_a_worker_reaches_nobody_and_no_report_is_built(lab: Sandbox) -> None:
    answer = place(lab, "report", later=("permission", "request", "report"), card="declined")

    [failed] = lab.wait_for("StepFailed")
    ledger = wait_until_lost(lab)

    assert [event["outcome"] for event in lab.events("CustomerAnswered")] == ["success"]
    assert (failed["step"], failed["where"]) == ("permission", "worker")
    assert set(trades.parts(lab.id, answer.order.number).values()) == {0}
    assert lab.events("RetryScheduled", "MessageDeadLettered") == []
    assert (ledger["placed"], ledger["lost"], adds_up(ledger)) == (1, 1, True)


@pytest.mark.parametrize(("idempotency", "times"), [("receiver", 1), ("off", 2)])
def test_a_redelivery_writes_each_part_again_unless_the_receiver_knows_the_key(
    lab: Sandbox, idempotency: str, times: int
) -> None:
    lab.change(idempotency=idempotency)
    fleet.wish_crash(lab.id, "any", "before_ack")
    number = place(lab, "photo", later=("thumbnails", "index")).order.number

    [acknowledged] = lab.wait_for("MessageAcknowledged")
    ledger = lab.wait_until_done(1)["ledger"]

    assert acknowledged["attempt"] == 2
    assert trades.parts(lab.id, number) == {"original": 1, "thumbnails": times, "index": times}
    assert (ledger["lost"], ledger["duplicated"], adds_up(ledger)) == (0, times - 1, True)
    suppressed = [event["step"] for event in lab.events("DuplicateSuppressed")]
    assert suppressed == (["thumbnails", "index"] if times == 1 else [])


def test_a_deleted_sandbox_leaves_no_part(product: Product, lab: Sandbox) -> None:
    place(lab, "photo", later=())
    of_sandbox = "SELECT part FROM parts WHERE sandbox = ?"
    assert rows(product, of_sandbox, lab)

    lab.http.delete(lab.url())

    assert rows(product, of_sandbox, lab) == []


def place(lab: Sandbox, trade: str, later: tuple[str, ...], card: str = "good") -> placing.Answer:
    """Place an order of a trade, and wait as its customer does."""
    return placing.place(Order(lab.id, 0, trade=trade, later=later, card=card))


def thumbnails(order: Order) -> list[bytes]:
    found = [find(order.sandbox, f"/photos/{order.number}/thumbnail-{side}") for side in photos.THUMBNAILS]
    return [content for content in found if content]


def wait_until_lost(lab: Sandbox) -> dict[str, int]:
    """The ledger that says that one order is lost."""

    def look() -> dict[str, int]:
        ledger: dict[str, int] = lab.snapshot()["ledger"]
        return ledger if ledger["lost"] else {}

    return eventually(look, 20, "one lost")
