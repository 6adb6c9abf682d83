"""A caller that gives up knows nothing: the partner does it all the same, and writes down every call."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.product import Sandbox, eventually
from tests.workers.back_of_house import BackOfHouse
from workers import partner_calls, tables, ways
from workers.database import begin, utc_now
from workers.sandboxes import DEFAULTS
from workers.shop.partner import TIMEOUT_S
from workers.watch import samples


@pytest.mark.parametrize(("idempotency", "deliveries"), [("off", 2), ("receiver", 1)])
def test_after_a_time_out_the_delivery_arrives_and_the_retry_repeats_it_unless_the_key_is_honoured(
    sandbox: Sandbox, idempotency: str, deliveries: int
) -> None:
    sandbox.change(speed=4, webhook_timeout_s=2, idempotency=idempotency, attempts=10)
    sandbox.break_partner("slow", seconds=120)
    order = sandbox.place()["id"]

    [failed, *_] = sandbox.wait_for("StepFailed")
    assert failed["step"] == "webhook"
    eventually(sandbox.deliveries, what="what the caller took for failed")
    sandbox.http.delete(sandbox.url("/outages"))
    sandbox.wait_until_done(1)

    received = [delivery["order"] for delivery in sandbox.deliveries()]
    assert set(received) == {order}
    assert len(received) == 1 if idempotency == "receiver" else len(received) >= deliveries


@pytest.mark.parametrize(
    ("seconds", "speed", "real"),
    [(3, 1, 3.0), (3, 10, 0.3), (14, 0.5, 28.0), (15, 10, TIMEOUT_S)],
)
def test_the_time_out_is_the_storys_and_the_longest_is_the_clients_own(seconds: int, speed: float, real: float) -> None:
    assert ways.timeout_s(DEFAULTS | {"webhook_timeout_s": seconds, "speed": speed}) == pytest.approx(real)


def test_old_calls_are_forgotten_with_the_samples(house: BackOfHouse) -> None:
    now = utc_now()
    call = {"sandbox": house.sandbox, "order": 1001, "status": 503}
    rows = [call | {"at": now - timedelta(seconds=age)} for age in (5, 901)]
    with begin() as db:
        db.execute(tables.partner_calls.insert(), rows)

    samples.forget_the_old()

    found = partner_calls.about(house.sandbox, 1001, 1001, now - timedelta(hours=1))
    assert [call.at for call in found] == [now - timedelta(seconds=5)]
