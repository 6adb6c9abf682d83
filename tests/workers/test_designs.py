"""Orders of every trade as a reader designs them: in the request alone, and what becomes of what it cannot do."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from tests.workers.back_of_house import BackOfHouse
from workers import designs, history, judges, ledger, placing, tables, trades
from workers.attempts import Attempt
from workers.database import begin, utc_now
from workers.errors import NotAllowed, PartMissing, SoldOut, UnknownMessage
from workers.messages import CompleteOrder
from workers.shop import orders, parts, photos, yearly_reports
from workers.shop.orders import Order
from workers.shop.steps import NAMES
from workers.snapshot import Ledger
from workers.trades import LABELS, TRADES

MADE = [trade for trade in TRADES if trade not in ("checkout", "teapot")]  # of which there is more than one


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is padded."""
    monkeypatch.setattr("time.sleep", lambda _: None)


def test_the_names_of_all_steps_are_those_that_the_ledger_knows() -> None:
    assert {trade: tuple(step.name for step in steps) for trade, steps in TRADES.items()} == NAMES


def test_what_two_trades_have_in_common_is_shown_under_one_label() -> None:
    assert {(step.name, step.label) for steps in TRADES.values() for step in steps} == set(LABELS.items())


@pytest.mark.parametrize("trade", MADE)
def test_everything_in_the_request_is_done_when_its_customer_is_answered(house: BackOfHouse, trade: str) -> None:
    number = placing.place(Order(house.sandbox, 0, trade=trade)).order.number

    assert trades.parts(house.sandbox, number) == dict.fromkeys(NAMES[trade], 1)
    assert books(house) == Ledger(placed=1, done=1)
    assert house.waiting() == []
    assert [event.type for event in house.events("OrderPlaced", "CustomerAnswered")] == [
        "OrderPlaced",
        "CustomerAnswered",
    ]
    known = history.order(house.sandbox, number)
    assert ([step["name"] for step in known["steps"]], known["complete"]) == (list(NAMES[trade]), True)


@pytest.mark.parametrize("trade", MADE)
def test_what_is_left_to_a_worker_waits_with_its_order(house: BackOfHouse, trade: str) -> None:
    everything = NAMES[trade]
    for later in (everything, everything[1:], everything[-1:]):
        placing.place(Order(house.sandbox, 0, trade=trade, later=later))

    assert len(house.waiting()) == 3
    assert books(house) == Ledger(placed=3, waiting=3)


@pytest.mark.parametrize("trade", MADE)
def test_a_part_that_is_missing_is_an_order_that_is_lost(house: BackOfHouse, trade: str) -> None:
    number = placing.place(Order(house.sandbox, 0, trade=trade)).order.number
    with begin() as db:
        db.execute(tables.parts.delete().where(tables.parts.c.part == NAMES[trade][-1]))

    assert books(house) == Ledger(placed=1, lost=1)
    [verdict] = judges.of_orders(house.sandbox, [number])
    assert (verdict.missing, verdict.emails, verdict.deliveries) == (NAMES[trade][-1:], 0, 0)


@pytest.mark.parametrize("trade", MADE)
def test_a_step_that_was_done_twice_is_counted_twice(house: BackOfHouse, trade: str) -> None:
    order = placing.place(Order(house.sandbox, 0, trade=trade)).order
    designs.complete_design(replace(order, later=NAMES[trade][-1:]), Attempt("worker", 10, "off", worker="w1"))

    [verdict] = judges.of_orders(house.sandbox, [order.number])
    assert (verdict.repeated, verdict.missing) == (NAMES[trade][-1:], ())
    assert books(house) == Ledger(placed=1, done=1, duplicated=1)
    assert ledger.count_harm(house.sandbox) == (0, 1)


def test_a_refused_reader_is_told_and_nothing_is_recorded(house: BackOfHouse) -> None:
    with pytest.raises(NotAllowed, match="may not see"):
        placing.place(Order(house.sandbox, 0, trade="report", card="declined", later=("report",)))

    [answered] = house.events("CustomerAnswered")
    assert answered.details["outcome"] == "declined"
    assert answered.order
    assert trades.parts(house.sandbox, answered.order) == {}
    assert house.waiting() == []
    assert books(house) == Ledger()


@pytest.mark.parametrize(
    ("trade", "unmet"),
    [("photo", "thumbnails"), *(("video", name) for name in NAMES["video"][2:]), ("report", "report")],
)
def test_a_step_without_what_it_is_made_from_says_so(house: BackOfHouse, trade: str, unmet: str) -> None:
    others = tuple(name for name in NAMES[trade] if name != unmet)

    with pytest.raises(PartMissing, match="so nothing can be made from it"):
        placing.place(Order(house.sandbox, 0, trade=trade, later=others))

    [failed] = house.events("StepFailed")
    assert failed.step == unmet
    assert books(house) == Ledger(), "she was told that it failed, so there is no order"


def test_an_order_that_fails_in_the_middle_of_its_request_is_lost(house: BackOfHouse) -> None:
    with pytest.raises(PartMissing):
        placing.place(Order(house.sandbox, 0, trade="video", later=("original",)))

    assert books(house) == Ledger(placed=1, lost=1)


def test_a_long_request_is_running_until_nobody_can_be_at_it(house: BackOfHouse) -> None:
    orders.record(Order(house.sandbox, 1001, trade="video"))
    house.age(tables.orders, by_s=150)
    assert books(house) == Ledger(placed=1, running=1)

    house.age(tables.orders, by_s=51)

    assert books(house) == Ledger(placed=1, lost=1)


def test_a_photo_is_a_picture_and_its_thumbnails_are_made_from_it(house: BackOfHouse) -> None:
    order = placing.place(Order(house.sandbox, 0, trade="photo")).order

    photo = picture(order, "original")
    assert (photo.format, photo.size) == ("JPEG", photos.SIZE)
    for side in photos.THUMBNAILS:
        thumbnail = picture(order, f"thumbnail-{side}")
        assert (thumbnail.format, thumbnail.size) == ("JPEG", (side, side))
    assert parts.find(house.sandbox, "/photos/1/original") is None


def test_a_film_in_4k_is_larger_than_the_others_and_made_from_the_original(house: BackOfHouse) -> None:
    order = placing.place(Order(house.sandbox, 0, trade="video")).order

    film = parts.needed(order, "original")
    versions = [parts.needed(order, name) for name in ("q480", "q720", "q1080", "q4k")]
    assert [len(film) // len(version) for version in versions] == [8, 4, 2, 1]
    assert versions[0] == film[::8]


def test_the_last_teapot_is_one_orders_and_whoever_comes_second_is_told(house: BackOfHouse) -> None:
    first = placing.place(Order(house.sandbox, 0, trade="teapot", later=("systems",))).order
    with pytest.raises(SoldOut, match="somebody else"):
        placing.place(Order(house.sandbox, 0, trade="teapot", later=("systems",)))

    designs.complete_design(replace(first, later=NAMES["teapot"]), Attempt("worker", 10, "off", worker="w1"))

    told = [event.details["outcome"] for event in house.events("CustomerAnswered")]
    assert told == ["success", "declined"]
    assert trades.parts(house.sandbox, first.number) == {"aside": 1, "systems": 1}, "its own delivery finds it its own"
    assert len(house.waiting()) == 1


def test_two_who_are_answered_before_anybody_looks_share_one_teapot(house: BackOfHouse) -> None:
    both = [placing.place(Order(house.sandbox, 0, trade="teapot", later=NAMES["teapot"])).order for _ in range(2)]
    for order in both:
        designs.complete_design(order, Attempt("worker", 10, "off", worker="w1"))

    assert [trades.parts(house.sandbox, order.number)["aside"] for order in both] == [1, 0]
    assert [trades.parts(house.sandbox, order.number)["systems"] for order in both] == [1, 0]


def test_a_report_lists_the_orders_of_its_own_sandbox(house: BackOfHouse) -> None:
    placing.place(Order(house.sandbox, 0, trade="photo", email="grace@example.com"))
    order = placing.place(Order(house.sandbox, 0, trade="report")).order

    assert parts.needed(order, "report").startswith(b"%PDF-")
    count, [its_own, line] = yearly_reports._orders_of(house.sandbox, utc_now().year)
    assert (count, "photo  grace@example.com" in line, f"{order.number}" in its_own) == (2, True, True)


def test_its_message_arrives_as_it_was_sent_and_another_trade_is_refused(house: BackOfHouse) -> None:
    design = designs.design_of(Order(house.sandbox, 1001, trade="photo", later=("index",)))
    message = CompleteOrder(house.sandbox, 1001, design=design)
    assert CompleteOrder.decode(message.encode()) == message

    for wrong in ({"trade": "tailor"}, {"trade": ["photo"]}, {"trade": None}, {"made": "photo"}):
        with pytest.raises(UnknownMessage):
            CompleteOrder.decode({"sandbox": house.sandbox, "order": 1001, "design": design | wrong})


def test_a_design_of_the_shops_own_checkout_says_nothing_of_a_trade() -> None:
    assert "trade" not in designs.design_of(Order("lab", 1001, later=("email",)))


def books(house: BackOfHouse) -> Ledger:
    found = ledger.read_books(house.sandbox).ledger
    assert found.adds_up
    return found


def picture(order: Order, name: str) -> Image.Image:
    return Image.open(BytesIO(parts.needed(order, name)))
