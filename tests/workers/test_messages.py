"""What crosses the queue, and what is refused at its end."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.errors import UnknownMessage
from workers.messages import CompleteOrder, order_of

sandboxes = st.text(st.sampled_from("abcdefghjkmnpqrstuvwxyz23456789"), min_size=16, max_size=16)
numbers = st.integers(1, 999_999_999)


@given(sandbox=sandboxes, order=numbers)
def test_a_message_arrives_as_it_was_sent(sandbox: str, order: int) -> None:
    message = CompleteOrder(sandbox, order)

    assert CompleteOrder.decode(message.encode()) == message
    assert order_of(message.id) == order


@given(sandbox=sandboxes, order=numbers)
def test_its_id_is_the_same_at_every_attempt_and_fits_the_broker(sandbox: str, order: int) -> None:
    message = CompleteOrder(sandbox, order)

    assert message.id == CompleteOrder(sandbox, order).id != CompleteOrder(sandbox, order + 1).id
    assert message.id.replace("-", "").isalnum()
    assert len(message.id) <= 60
    assert message.queue == f"{sandbox}:checkout"


def test_a_message_is_not_changed_on_its_way() -> None:
    with pytest.raises(FrozenInstanceError):
        CompleteOrder("abc", 1001).order = 1002  # type: ignore[misc]


@pytest.mark.parametrize(
    "payload",
    [
        *({}, {"sandbox": "abc"}, {"order": 1001}, {"sandbox": "abc", "order": 1001, "also": 1}),
        *({"sandbox": "abc", "order": order} for order in ("1001", None, 1.5, True, [1001])),
        *({"sandbox": sandbox, "order": 1001} for sandbox in (1, None, ["abc"])),
        *([], ["abc", 1001], "abc", None, 1001),
    ],
    ids=str,
)
def test_a_payload_of_another_form_is_unknown(payload: Any) -> None:
    with pytest.raises(UnknownMessage):
        CompleteOrder.decode(payload)


@pytest.mark.parametrize("strange", ["", "abc", "abc-", "abc-x", "abc-1.5", "abc-١", "abc-" + "9" * 400])
def test_an_id_that_we_did_not_give_is_about_no_order(strange: str) -> None:
    assert order_of(strange) is None
