"""The list of what sold best: made in the request, kept until it expires, or kept warm by a worker."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import pytest

from tests.product import Sandbox, eventually
from tests.workers.back_of_house import BackOfHouse
from workers import cache, sandboxes
from workers.cache import Answer
from workers.errors import UnknownMessage
from workers.messages import RefreshBestsellers, order_of
from workers.queues import SignedJson
from workers.shop import bestsellers, inventory
from workers.shop.orders import Order, nothing_more


@pytest.fixture
def clock(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets the story's seconds pass at once; making the list takes none."""
    now = [1000.0]
    monkeypatch.setattr("workers.cache.time.time", lambda: now[0])
    monkeypatch.setattr(bestsellers, "MAKING_S", 0)

    def later(seconds: float) -> None:
        now[0] += seconds

    return later


def ask(house: BackOfHouse) -> Answer:
    return cache.ask(house.sandbox, nullcontext)


def waiting(house: BackOfHouse) -> list[str]:
    return [message for message in house.waiting() if "bestsellers" in message]


def test_the_list_counts_what_was_booked_out_of_stock(house: BackOfHouse) -> None:
    assert bestsellers.make_list(house.sandbox, 1000) == []
    for number in (1, 2):
        inventory.update_stock(Order(house.sandbox, number), None, nothing_more)
    inventory.update_stock(Order(sandboxes.create(awake=False), 1), None, nothing_more)

    cups, pots = bestsellers.make_list(house.sandbox, 1000)

    assert (cups["name"], cups["sold"]) == ("Stoneware cup", 8)
    assert (pots["name"], pots["sold"]) == ("Copper teapot", 2)


@pytest.mark.parametrize(
    ("mode", "after_s", "how"),
    [
        ("none", 0, "computed"),
        ("expiring", cache.KEPT_S - 0.1, "cache"),
        ("expiring", cache.KEPT_S + 0.1, "computed"),
        ("warm", cache.KEPT_S + 0.1, "cache"),
        ("warm", cache.SHOWN_S + 0.1, "computed"),
    ],
)
def test_how_long_a_list_is_shown(
    house: BackOfHouse, clock: Callable[[float], None], mode: str, after_s: float, how: str
) -> None:
    house.change(cache=mode)
    speed = sandboxes.settings_of(house.sandbox)["speed"]
    assert ask(house).how == "computed"

    clock(after_s / speed)

    answer = ask(house)
    assert answer.how == how
    assert answer.age_s == pytest.approx(after_s / speed if how == "cache" else 0, abs=0.01)


def test_a_worker_is_asked_once_when_half_of_the_time_is_over(
    house: BackOfHouse, clock: Callable[[float], None]
) -> None:
    house.change(cache="warm")
    cache.keep_warm()
    assert waiting(house) == []  # nobody has asked for it

    ask(house)
    cache.keep_warm()
    assert waiting(house) == []  # it is as good as new
    clock(cache.RENEWED_AFTER_S)
    for _ in range(3):
        cache.keep_warm()
    assert len(waiting(house)) == 1

    cache.refresh(RefreshBestsellers(house.sandbox, 1), "w1")
    assert cache.age_of(house.sandbox) == 0
    assert [event.worker for event in house.events("AnswerRefreshed")] == ["w1"]
    clock(cache.RENEWED_AFTER_S)
    cache.keep_warm()
    assert len(waiting(house)) == 2


@pytest.mark.parametrize("mode", ["none", "expiring"])
def test_no_worker_is_asked_for_what_is_not_to_be_warm(
    house: BackOfHouse, clock: Callable[[float], None], mode: str
) -> None:
    house.change(cache=mode)
    ask(house)
    clock(cache.SHOWN_S)
    cache.keep_warm()

    assert waiting(house) == []


@pytest.mark.usefixtures("broker_away")
def test_without_a_broker_the_list_is_made_for_whoever_asks(
    house: BackOfHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bestsellers, "MAKING_S", 0)
    monkeypatch.setattr(sandboxes, "settings_of", lambda sandbox: sandboxes.DEFAULTS | {"cache": "warm"})

    assert ask(house).how == "computed"


def test_its_message_arrives_as_it_was_sent_and_is_about_no_order() -> None:
    message = RefreshBestsellers("abc", 1_763_900_000_000)

    assert RefreshBestsellers.decode(SignedJson.loads(SignedJson.dumps(message.encode()))) == message
    assert order_of(message.id) is None


@pytest.mark.parametrize(
    "payload", [{}, {"sandbox": "abc"}, {"sandbox": 1, "asked_ms": 1}, {"sandbox": "a", "asked_ms": True}]
)
def test_a_payload_of_another_form_is_unknown(payload: dict[str, Any]) -> None:
    with pytest.raises(UnknownMessage):
        RefreshBestsellers.decode(payload)


def test_everybody_who_comes_after_the_expiry_makes_it(sandbox: Sandbox) -> None:
    sandbox.change(cache="expiring", speed=4)
    with ThreadPoolExecutor(5) as visitors:
        crowd = list(visitors.map(lambda _: look(sandbox), range(5)))

    assert [answer["how"] for answer in crowd] == ["computed"] * 5
    assert min(answer["waited_s"] for answer in crowd) >= bestsellers.MAKING_S / 4
    after = look(sandbox)
    assert (after["how"], after["waited_s"] < 0.5) == ("cache", True)


def test_a_worker_keeps_the_list_warm_beside_the_orders(sandbox: Sandbox) -> None:
    sandbox.change(cache="warm")
    assert look(sandbox)["how"] == "computed"
    sandbox.place()

    sandbox.wait_for("AnswerRefreshed", 2)
    sandbox.wait_until_done(1)
    eventually(lambda: [line["sold"] for line in look(sandbox)["content"]] == [4, 1], what="the order in the list")
    assert {answer["how"] for answer in (look(sandbox) for _ in range(5))} == {"cache"}
    ledger = sandbox.snapshot()["ledger"]
    assert (ledger["placed"], ledger["done"], ledger["lost"]) == (1, 1, 0)


def test_a_killed_workers_refresh_is_done_by_another(sandbox: Sandbox) -> None:
    sandbox.change(cache="warm", speed=1, visibility_timeout_s=2, workers=1)
    sandbox.wait_for_workers(1)
    look(sandbox)
    eventually(lambda: sandbox.snapshot()["workers"][0]["lease_until"], 20, "a worker at the list")

    sandbox.crash()

    sandbox.wait_for("AnswerRefreshed", within_s=20)
    assert sandbox.snapshot()["ledger"]["placed"] == 0


def test_a_stampede_of_one_sandbox_is_bounded(sandbox: Sandbox) -> None:
    sandbox.change(speed=1)
    at_once = 2 * sandboxes.CAPS["lists_at_once"] + 6  # there are two web processes
    with ThreadPoolExecutor(at_once) as visitors:
        answers = list(visitors.map(lambda _: sandbox.http.get(sandbox.url("/bestsellers")), range(at_once)))

    refused = [answer for answer in answers if answer.status_code != 200]
    assert {answer.status_code for answer in refused} == {429}
    assert 6 <= len(refused) < at_once
    assert refused[0].headers["Retry-After"]
    assert refused[0].json()["cap"] == "lists_at_once"
    assert sandbox.snapshot()["ledger"]["refused"] == 0


def look(sandbox: Sandbox) -> dict[str, Any]:
    answer = sandbox.http.get(sandbox.url("/bestsellers"))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
