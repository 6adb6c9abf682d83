"""What the sender remembers, for how long, and what makes it forget."""

from __future__ import annotations

from typing import Any

from redis import Redis

from tests.workers.back_of_house import BackOfHouse
from workers import sandboxes, wipes
from workers.idempotency import seen


def test_the_sender_remembers_for_a_day_and_claims_for_as_long_as_a_lease(house: BackOfHouse) -> None:
    broker, sandbox = house.broker, house.sandbox
    seen.mark(broker, sandbox, "marked")
    seen.claim_for_a_while(broker, sandbox, "claimed", "w1", 2)

    assert 86_390 < ttl(broker, seen.entry(sandbox, "marked")) <= 86_400
    assert 0 < (seen.claim_ends_in_s(broker, sandbox, "claimed") or 0) <= 2
    assert seen.claim_ends_in_s(broker, sandbox, "marked") is None
    assert seen.claim_ends_in_s(broker, sandbox, "never heard of") is None


def test_one_sandbox_is_forgotten_and_no_other(house: BackOfHouse) -> None:
    broker, sandbox = house.broker, house.sandbox
    for number in range(1500):
        seen.mark(broker, sandbox, str(number))
    seen.mark(broker, "another", "1")

    seen.forget(broker, sandbox)

    left: Any = broker.keys("ticketwheel:seen:*")
    assert sorted(left) == [b"ticketwheel:seen:another", b"ticketwheel:seen:another:1"]


def ttl(broker: Redis, key: str) -> int:
    left: Any = broker.ttl(key)
    return int(left)


def test_a_wipe_and_the_end_of_a_sandbox_forget_what_was_seen(house: BackOfHouse) -> None:
    for forget in (wipes.wipe, sandboxes.delete):
        seen.mark(house.broker, house.sandbox, "email:1001")

        forget(house.sandbox)

        assert not seen.is_marked(house.broker, house.sandbox, "email:1001")


def test_of_two_claims_one_is_first(house: BackOfHouse) -> None:
    here = (house.broker, house.sandbox, "email:1001")

    assert [seen.claim(*here), seen.claim(*here)] == [True, False]
    assert seen.is_marked(*here)


def test_a_claim_for_a_while_is_its_owners_until_it_ends(house: BackOfHouse) -> None:
    here = (house.broker, house.sandbox, "email:1001")
    assert seen.claim_for_a_while(*here, "w1", 2) == "ours"
    assert seen.claim_for_a_while(*here, "w2", 2) == "held"
    assert not seen.turn_claim_into_mark(*here, "w2")
    house.broker.pexpire(seen.entry(house.sandbox, "email:1001"), 0)

    assert seen.claim_for_a_while(*here, "w2", 2) == "ours"
    assert not seen.turn_claim_into_mark(*here, "w1"), "w1 comes back too late"
    assert seen.turn_claim_into_mark(*here, "w2")
    assert seen.claim_for_a_while(*here, "w3", 2) == "done"
