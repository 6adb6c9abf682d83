"""Orders that are refused, and the addresses to which mail must arrive when they are not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lessons.requests import EMAIL
from tests.product import Sandbox
from tests.routes.asking import fingerprint, wrong_fields

BAD_ORDERS: list[dict[str, Any]] = [
    *[{"checkout": value} for value in ("", "NOW", "both", None, 1, True, ["now"])],
    *[{"checkout": "later", "card": value} for value in ("", "stolen", None, 0)],
    *[{"checkout": "later", "race": value} for value in ("", "A", "x" * 41, "a b", 1, "a\n")],
    *[{"checkout": "later", name: 1} for name in ("number", "sandbox", "id", "lines", "Checkout", "__class__")],
    {},
]
BAD_EMAILS = [
    *("", "ada", "ada@", "@example.com", "ada@example", "ada@@example.com", "a da@example.com", "ada@example.com\n"),
    *("ada@example.com\r\nBcc: eve@example.com", "ada@exa mple.com", ".ada@example.com", "ada.@example.com"),
    *("a..b@example.com", "ada@-example.com", "ada@example-.com", "ada@example..com", "ada@.com", "<ada@example.com>"),
    *("ada@example.com, eve@example.com", '"ada"@example.com', "ada@[127.0.0.1]", "ädä@example.com", "ada@exämple.com"),
    *("ada\x00@example.com", "ada@example.com\x00", "a" * 65 + "@example.com", "ada@" + "a" * 64 + ".com"),
    *(
        "ada@" + "a." * 60 + "com",
        "ada\u200b@example.com",
        None,
        1,
        True,
        ["ada@example.com"],
        {"to": "ada@example.com"},
    ),
]
emails = st.from_regex(EMAIL, fullmatch=True).filter(lambda email: len(email) <= 100)


@pytest.mark.parametrize("key", [b"", b"x" * 201, b"\xff\xfe", "schlüssel\u0085".encode("latin-1"), b"a\tb"])
def test_a_key_is_short_printable_text(resting: Sandbox, key: bytes) -> None:
    headers = {b"Idempotency-Key": key}

    assert wrong_fields(resting.http.post(resting.url("/orders"), json={"checkout": "later"}, headers=headers)) == {
        "Idempotency-Key"
    }


def test_a_wrong_field_is_named_and_nothing_is_placed(resting: Sandbox) -> None:
    before = fingerprint(resting)

    for order in BAD_ORDERS:
        answer = resting.http.post(resting.url("/orders"), json=order)
        assert wrong_fields(answer) == ({list(order)[-1]} if order else {"checkout"}), order

    assert fingerprint(resting) == before


@pytest.mark.parametrize("email", BAD_EMAILS, ids=ascii)
def test_an_address_that_no_mail_server_takes_is_refused_at_the_door(resting: Sandbox, email: Any) -> None:
    assert wrong_fields(resting.http.post(resting.url("/orders"), json={"checkout": "later", "email": email})) == {
        "email"
    }


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(addresses=st.lists(emails, min_size=12, max_size=12, unique=True))
def test_mail_to_every_address_that_is_accepted_arrives(sandbox: Sandbox, addresses: list[str]) -> None:
    before = sandbox.change(workers=12)["ledger"]["placed"]

    with ThreadPoolExecutor(10) as crowd:
        list(crowd.map(lambda address: sandbox.place(email=address), addresses))

    sandbox.wait_until_done(before + len(addresses))
    arrived = [mail["to"] for mail in sandbox.inbox()[: len(addresses)]]
    assert sorted(arrived) == sorted(addresses)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(email=st.emails() | st.text() | st.builds("{}@{}".format, st.text(max_size=20), st.text(max_size=20)))
def test_no_address_breaks_the_checkout(sandbox: Sandbox, email: str) -> None:
    answer = sandbox.http.post(sandbox.url("/orders"), json={"checkout": "later", "email": email, "card": "declined"})

    assert answer.status_code in (402, 422)
    if answer.status_code == 422:
        assert wrong_fields(answer) == {"email"}
