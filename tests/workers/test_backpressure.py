"""Tickets of small messages, and the answers to a flood of them: refuse, prioritise, drop."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from tests.workers.back_of_house import BackOfHouse
from workers import backpressure, connections, ledger, ticket_audit, tickets, wipes
from workers.counting import Counter
from workers.database import begin, utc_now
from workers.errors import OverLimit
from workers.messages import CountEvents, low_queue_name
from workers.pulling import held_key, queue_that_pulls_into
from workers.readings import ask
from workers.sandboxes import CAPS, DEFAULTS, settings_of
from workers.snapshot import Ledger
from workers.tables import counted_events
from workers.tables import tickets as rows


def accept(house: BackOfHouse, about: str = "analytics", small: int = 10) -> CountEvents:
    return tickets.accept(house.sandbox, about, ["seen"] * small)


def books(house: BackOfHouse, *leased: str) -> Ledger:
    found = ledger.read_books(house.sandbox, leased).ledger
    assert found.adds_up
    return found


def low_ones(house: BackOfHouse) -> list[str]:
    found: Any = house.broker.lrange(f"rq:queue:{low_queue_name(house.sandbox)}", 0, -1)
    return [each.decode() for each in found]


def pull(house: BackOfHouse, low_every: int = 0, worker: str = "puller") -> str | None:
    """What a worker takes next; it goes from its list at once, as if it were done."""
    queue = queue_that_pulls_into(held_key(worker), house.sandbox, lambda: low_every)
    _, job = queue.lmove(connections.broker(), f"rq:queue:{house.sandbox}:checkout", 5)
    house.broker.delete(held_key(worker))
    found: str = job.decode()
    return found


def test_a_ticket_is_a_message_beside_the_orders(house: BackOfHouse) -> None:
    order, ticket, running = house.place(), accept(house), accept(house)

    assert house.waiting() == [order.id, ticket.id, running.id]
    assert books(house, running.id) == Ledger(placed=3, waiting=2, running=1)
    assert [event.details for event in house.events("TicketAccepted")] == [{"about": "analytics", "small": 10}] * 2


def test_a_counted_ticket_is_done_and_its_effect_exists_once(house: BackOfHouse) -> None:
    ticket = accept(house, small=3)

    for _ in range(2):  # the second delivery finds it done
        Counter("w1").count(ticket, DEFAULTS | {"speed": 10})

    assert books(house) == Ledger(placed=1, done=1)
    [counted] = house.events("TicketCounted")
    assert (counted.message, counted.details["small"]) == (ticket.id, 3)


@pytest.mark.parametrize(("times", "expected"), [(0, {"lost": 1}), (2, {"done": 1, "duplicated": 1})])
def test_lost_and_repeated_tickets_are_found_by_their_effects(
    house: BackOfHouse, times: int, expected: dict[str, int]
) -> None:
    ticket = accept(house)
    Counter("w1").count(ticket, DEFAULTS | {"speed": 10})
    with begin() as db:
        db.execute(counted_events.delete())
        for _ in range(times):
            row = {"sandbox": house.sandbox, "message": ticket.id, "at": utc_now(), "events": []}
            db.execute(counted_events.insert().values(row))

    assert books(house) == Ledger(placed=1, **expected)
    assert ledger.count_harm(house.sandbox) == (expected.get("lost", 0), expected.get("duplicated", 0))


def test_at_the_limit_tickets_and_orders_are_refused_and_counted(house: BackOfHouse) -> None:
    house.change(backpressure="reject", queue_limit=10)
    for _ in range(9):
        accept(house)
    house.place()

    for refused in (lambda: accept(house), lambda: accept(house, "payments"), house.place):
        with pytest.raises(OverLimit) as full:
            refused()
        assert (full.value.cap, full.value.limit) == ("queue_limit", 10)

    assert books(house) == Ledger(placed=10, waiting=10, refused=3)
    assert [event.details["small"] for event in house.events("RequestRefused")] == [10, 10, 0]


def test_where_payments_come_first_the_limit_is_for_the_others(house: BackOfHouse) -> None:
    house.change(backpressure="reject+prioritise", queue_limit=10)
    for _ in range(10):
        accept(house)

    with pytest.raises(OverLimit):
        accept(house)
    accept(house, "payments")
    house.place()

    assert books(house) == Ledger(placed=12, waiting=12, refused=1)


def test_the_cap_holds_whatever_the_settings(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CAPS, "queued_tickets", 2)
    accept(house)
    accept(house)

    with pytest.raises(OverLimit, match="queued_tickets"):
        accept(house, "payments")


def test_without_priorities_all_wait_in_one_line(house: BackOfHouse) -> None:
    first, second, third = accept(house), accept(house, "payments"), house.place()

    assert [pull(house) for _ in range(3)] == [first.id, second.id, third.id]


def test_strict_priority_lets_the_urgent_pass_until_none_is_left(house: BackOfHouse) -> None:
    house.change(backpressure="prioritise")
    low = [accept(house) for _ in range(3)]
    urgent = [accept(house, "payments").id, house.place().id]

    assert low_ones(house) == [low[1].id, low[2].id]
    # The first found nobody before it, so it stands in the first queue, where idle workers wait.
    assert [pull(house) for _ in range(5)] == [low[0].id, *urgent, low[1].id, low[2].id]


def test_a_share_takes_every_so_manieth_turn(house: BackOfHouse) -> None:
    house.change(backpressure="prioritise")
    accept(house, "payments")
    low = {accept(house).id for _ in range(4)}
    for _ in range(30):
        accept(house, "payments")

    taken = [pull(house, low_every=10) for _ in range(31)]

    assert [place for place, message in enumerate(taken, 1) if message in low] == [10, 20, 30]


def test_what_is_left_of_priorities_is_taken_first(house: BackOfHouse) -> None:
    house.change(backpressure="prioritise")
    [_, left] = [accept(house) for _ in range(2)]
    house.change(backpressure="none")
    accept(house)

    assert backpressure.low_every(settings_of(house.sandbox)) == 1
    assert pull(house, low_every=1) == left.id


def test_a_sleeping_worker_wakes_for_a_low_message(house: BackOfHouse) -> None:
    house.change(backpressure="prioritise")
    taken: list[str | None] = []
    sleepers = [threading.Thread(target=lambda n=n: taken.append(pull(house, worker=f"sleeper-{n}"))) for n in range(3)]
    for sleeper in sleepers:
        sleeper.start()
    while house.broker.info("clients")["blocked_clients"] < 3:
        time.sleep(0.01)

    began = time.monotonic()
    sent = {accept(house).id for _ in range(3)}
    for sleeper in sleepers:
        sleeper.join(4)

    assert set(taken) == sent
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("answers", "about", "age_s", "dropped"),
    [
        ("shed", "analytics", 6, True),
        ("shed", "analytics", 4, False),
        ("shed", "payments", 60, False),
        ("prioritise", "analytics", 60, False),
        ("reject+prioritise+shed", "analytics", 6, True),
    ],
)
def test_only_what_is_old_and_may_be_dropped_is(answers: str, about: str, age_s: float, dropped: bool) -> None:
    settings = DEFAULTS | {"backpressure": answers, "shed_after_s": 5}

    assert backpressure.sheds(settings, CountEvents("s", "1", about, [], 0).low, age_s) is dropped


def test_all_that_is_too_old_is_dropped_at_once_and_counted(house: BackOfHouse) -> None:
    house.change(backpressure="shed", shed_after_s=5)
    old = [accept(house) for _ in range(3)]
    payment, order = accept(house, "payments"), house.place()
    house.age(rows, 6)
    fresh = accept(house)

    Counter("w1").count(
        CountEvents(**{**old[0].encode(), "sent_at": time.time() - 6}), settings_of(house.sandbox) | {"speed": 10}
    )

    assert books(house) == Ledger(placed=6, waiting=3, shed=3)
    assert house.waiting() == [old[0].id, payment.id, order.id, fresh.id]  # the first is the worker's, who ends it
    assert {event.message for event in house.events("MessageShed")} == {each.id for each in old}


def test_a_ticket_that_the_broker_forgot_is_enqueued_anew(house: BackOfHouse) -> None:
    house.change(backpressure="prioritise")
    sent = {accept(house).id for _ in range(3)}
    assert wipes.wipe(house.sandbox) == 3
    house.age(rows, 4)

    suspects = ticket_audit.find_orphans(house.broker, set())
    assert suspects == sent
    assert ticket_audit.find_orphans(house.broker, suspects) == set()

    assert set(house.waiting()) == sent
    assert [event.details for event in house.events("MessageRedelivered")] == [{"reason": "orphaned"}] * 3
    assert ticket_audit.busy_sandboxes() == {house.sandbox}


@pytest.mark.usefixtures("broker_away")
def test_a_ticket_is_accepted_while_the_broker_is_away(house: BackOfHouse) -> None:
    accept(house)

    assert books(house) == Ledger(placed=1, waiting=1)


def test_memory_is_told_and_grows_with_what_waits(house: BackOfHouse) -> None:
    def memory() -> int:
        return ask(house.broker, {house.sandbox: []})[house.sandbox].memory_bytes

    assert memory() == 0
    accept(house)
    one = memory()
    for _ in range(9):
        accept(house)

    assert 400 < one < 4000
    assert 7 * one < memory() < 11 * one
