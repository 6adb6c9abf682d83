"""The whole product on servers of others: a real Redis and a real PostgreSQL, from Debian's packages or wherever."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from lessons.course import course
from lessons.practice import practice
from tests.product import Product, Sandbox, eventually, running
from tests.servers import Server, needed, postgres_cluster, redis_server
from tests.workers.back_of_house import at_the_counter_of
from tests.workers.witness import adds_up
from workers import fleet, placing, trades
from workers.idempotency.strategies import STRATEGIES
from workers.shop.orders import Order
from workers.shop.steps import NAMES

pytestmark = [pytest.mark.postgres, pytest.mark.redis]

LESSON, SCENARIO = course().lessons[0], practice().questions[0]
QUESTION = LESSON.questions[0]
EFFECTS = ("emails", "receipts", "analytics", "deliveries", "audit_log", "loyalty_points", "payments")


@pytest.fixture(scope="module")
def redis() -> Iterator[Server]:
    with redis_server(needed("redis-server")) as server:
        yield server


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with postgres_cluster() as server:
        yield server


@pytest.fixture(scope="module")
def hosted(redis: Server, postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product, with nothing of its own but the secrets."""
    with running(tmp_path_factory.mktemp("hosted"), REDIS_URL=redis.url, DATABASE_URL=postgres.url) as started:
        yield started


@pytest.fixture
def lab(hosted: Product) -> Iterator[Sandbox]:
    sandbox = hosted.new_sandbox(speed=10, visibility_timeout_s=2, idempotency="receiver")
    yield sandbox
    sandbox.leave()


def test_it_starts_no_server_of_its_own(hosted: Product) -> None:
    assert not [process for process in hosted.processes() if "valkey" in " ".join(process.cmdline())]
    assert not list(hosted.data_dir.glob("*.sock"))
    assert not list(hosted.data_dir.glob("*.sqlite3"))


def test_an_order_both_ways_with_a_crash_has_all_effects_once(lab: Sandbox, postgres: Server) -> None:
    lab.crash(at="after:webhook")
    with ThreadPoolExecutor(2) as customers:
        orders = [answer["id"] for answer in customers.map(lab.place, ("now", "later"))]

    ledger = lab.wait_until_done(2)["ledger"]

    [crash] = lab.wait_for("WorkerCrashed")
    [acknowledged] = lab.events("MessageAcknowledged")
    assert acknowledged["worker"] != crash["worker"]
    assert adds_up(ledger)
    assert (ledger["lost"], ledger["duplicated"]) == (0, 0)
    for order in orders:
        assert lab.order(order)["complete"]
        assert lab.http.get(lab.url(f"/orders/{order}/receipt.pdf")).content.startswith(b"%PDF")
    assert sorted(mail["order"] for mail in lab.inbox()) == sorted(orders)
    assert sorted(delivery["order"] for delivery in lab.deliveries()) == sorted(orders)
    for table in EFFECTS:
        assert effects(postgres, table, lab) == Counter(orders), table
    assert effects(postgres, "stock_movements", lab) == Counter(orders * 6)


def test_a_photo_whose_worker_dies_is_complete_there_and_a_film_and_a_report_as_well(
    hosted: Product, lab: Sandbox, redis: Server, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_the_counter_of(hosted, monkeypatch, REDIS_URL=redis.url, DATABASE_URL=postgres.url):
        fleet.wish_crash(lab.id, "any", "after:thumbnails")
        later = {"photo": ("thumbnails", "index"), "video": NAMES["video"], "report": ()}
        placed = [placing.place(Order(lab.id, 0, trade=trade, later=steps)).order for trade, steps in later.items()]

        ledger = lab.wait_until_done(3)["ledger"]

        assert len(lab.wait_for("WorkerCrashed")) == 1
        for order in placed:
            assert trades.parts(lab.id, order.number) == dict.fromkeys(NAMES[order.trade], 1)
        assert trades.broken_links(lab.id) == 0
    assert adds_up(ledger)
    assert (ledger["lost"], ledger["duplicated"]) == (0, 0)


def test_two_sandboxes_on_the_same_servers_never_see_each_other(hosted: Product, lab: Sandbox) -> None:
    other = hosted.new_sandbox(speed=10)
    lab.place(email="ada@example.com")
    other.place(email="grace@example.com")
    lab.wait_until_done(1)
    other.wait_until_done(1)

    assert [mail["to"] for mail in lab.inbox()] == ["ada@example.com"]
    assert [mail["to"] for mail in other.inbox()] == ["grace@example.com"]
    sequences = [{event["sequence"] for event in each.events()} for each in (lab, other)]
    assert sequences[0] & sequences[1] == set()
    other.leave()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_works_there_with_the_longest_key_and_with_fencing(hosted: Product, strategy: str) -> None:
    address = f"{'a' * 64}@{'b' * 31}.com"
    lab = hosted.new_sandbox(speed=10, idempotency=strategy, idempotency_key="email_address", fencing=True)
    orders = [lab.place(email=address)["id"]]
    lab.wait_until_done(1)
    orders.append(lab.place(email=address)["id"])

    lab.wait_for("MessageAcknowledged", 2)

    assert sorted(mail["order"] for mail in lab.inbox()) == (orders if strategy == "off" else orders[:1])
    lab.leave()


def test_twenty_customers_at_once_are_all_served(lab: Sandbox) -> None:
    lab.change(workers=6)
    with ThreadPoolExecutor(20) as customers:
        orders = {answer["id"] for answer in customers.map(lambda _: lab.place(), range(20))}

    assert len(orders) == 20
    assert lab.wait_until_done(20)["ledger"]["lost"] == 0


def test_all_that_a_reader_does_is_kept_there_until_she_deletes_it(hosted: Product, lab: Sandbox) -> None:
    scenario, option = SCENARIO.id, SCENARIO.options[0].id
    said = [
        lab.http.get(LESSON.address),
        lab.http.post(f"{LESSON.address}/answers", json={"question": QUESTION.id, "option": QUESTION.options[0].id}),
        lab.http.post("/predictions", json={"lab": LESSON.slug, "choice": LESSON.lab.content.prediction.options[0].id}),
        lab.http.post("/practice/rounds", json={"questions": "all"}),
        lab.http.post("/practice/answers", json={"question": scenario, "option": option, "confidence": "guess"}),
        *(lab.http.post(f"{LESSON.address}/remarks", json={"helpful": helpful}) for helpful in (True, False)),
        *(lab.http.post(f"{LESSON.address}/posts", json={"text": text}) for text in ("Why?", "Because.")),
    ]
    assert [answer.status_code for answer in said if not answer.is_success] == []
    other = hosted.new_sandbox()
    post = said[-1].json()["links"]["self"]
    assert other.http.post(f"{post}/reports", json={}).status_code == 202
    assert other.http.post(f"{post}/reports", json={}).status_code == 202
    code = lab.http.post("/progress/codes").json()["code"]
    assert other.http.post("/progress/resume", json={"code": code}).json()["id"] == lab.id

    kept = lab.http.get("/progress/export").json()

    counted = {section: len(kept[section]) for section in ("answers", "practice_rounds", "remarks", "posts")}
    assert counted == {"answers": 2, "practice_rounds": 1, "remarks": 1, "posts": 2}
    assert lab.http.get(f"{LESSON.address}/posts").json()[-1]["text"] == "Because."
    assert lab.http.delete("/progress").is_success
    other.leave()


def test_freezes_outages_and_wipes_lose_nothing_here_either(lab: Sandbox) -> None:
    lab.change(speed=4)
    orders = [lab.place()["id"] for _ in range(4)]
    lab.wait_for("StepStarted", count=2 * 4 + 2)

    frozen = lab.freeze(seconds=60)
    lab.break_partner("down", seconds=1)
    assert lab.wipe() >= 2

    lab.wait_for("OutageEnded")
    assert lab.change()["settings"]["partner"] == "up"
    lab.thaw()
    [thawed] = lab.wait_for("WorkerThawed")
    assert thawed["pid"] == frozen["pid"]
    ledger = lab.wait_until_done(4)["ledger"]
    assert adds_up(ledger)
    assert (ledger["lost"], ledger["duplicated"]) == (0, 0)
    assert Counter(mail["order"] for mail in lab.inbox()) == Counter(orders)


def test_the_control_room_shows_there_what_it_shows_elsewhere(hosted: Product, lab: Sandbox) -> None:
    lab.change(attempts=1)
    lab.http.post(lab.url("/poison"))
    [dead] = lab.wait_for("MessageDeadLettered")
    lab.crash()
    lab.place()
    lab.wait_until_done(1)

    room = eventually(lambda: measured(lab), 15, "a sample with the dead letter")
    assert [(kind["name"], kind["count"]) for kind in room["dead"]] == [(dead["group"], 1)]
    assert room["ledger"]["placed"] == 2
    assert "WorkerCrashed" in {event["type"] for event in lab.events()}
    assert lab.http.get("/control-room", headers={"Accept": "text/html"}).status_code == 200
    assert lab.http.post(lab.url("/dead-letters/replays"), json={"all": True}).json()["replayed"] == 1


def test_losing_all_of_redis_is_a_delay_and_not_a_loss(lab: Sandbox, redis: Server) -> None:
    orders = [lab.place()["id"] for _ in range(8)]
    lab.wait_for("StepStarted", count=2 * 8 + 2)

    redis.end(signal.SIGKILL)
    while_away = lab.place()["id"]
    redis.start()

    ledger = lab.wait_until_done(9)["ledger"]
    assert adds_up(ledger)
    assert (ledger["lost"], ledger["duplicated"]) == (0, 0)
    assert Counter(mail["order"] for mail in lab.inbox()) == Counter([*orders, while_away])


def test_a_restart_of_postgresql_is_survived(hosted: Product, lab: Sandbox, postgres: Server) -> None:
    orders = [lab.place()["id"] for _ in range(4)]
    lab.wait_for("StepStarted", count=2 * 4 + 2)

    postgres.end()
    postgres.start()

    eventually(lambda: lab.http.get("/readyz").status_code == 200, 20)
    ledger = eventually(lambda: done(lab, 4), 60)
    assert adds_up(ledger)
    assert ledger["lost"] == 0
    assert all(lab.order(order)["complete"] for order in orders)


def measured(lab: Sandbox) -> dict[str, Any]:
    """The control room once its history has the first dead letter."""
    room: dict[str, Any] = lab.http.get(lab.url("/control-room")).json()
    return room if any(sample["dead"] for sample in room["history"]["series"]) else {}


def done(lab: Sandbox, orders: int) -> dict[str, int]:
    """The ledger once so many orders are done; a page that fails meanwhile is asked again."""
    answer = lab.http.get(lab.url())
    ledger: dict[str, int] = answer.json()["ledger"] if answer.status_code == 200 else {"done": 0}
    return ledger if ledger["done"] >= orders else {}


def effects(postgres: Server, table: str, lab: Sandbox) -> Counter[int]:
    """How many rows of an effect each order has."""
    with psycopg.connect(postgres.url) as db:
        rows = db.execute(f'SELECT "order" FROM {table} WHERE sandbox = %s', [lab.id])
        return Counter(row[0] for row in rows)
