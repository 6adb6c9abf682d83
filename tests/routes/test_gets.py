"""Looking changes nothing, and no strange address, header or body breaks anything."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.product import Product, Sandbox
from tests.routes.asking import Visitor, fingerprint, problem

SHOP = ("/orders/1001", "/orders/1001/receipt.pdf", "/inbox", "/bestsellers", "/deliveries")
PAGES = ("", "/control-room", "/events", *SHOP)
JUNK_ADDRESSES = (
    *(
        "/sandboxes/%00",
        "/sandboxes/%ff%fe",
        "/sandboxes/..%2f..%2fetc%2fpasswd",
        "/sandboxes/ä中😀",
        "/%00",
        "//",
        "/;x=1",
    ),
    *(
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/css/%00",
        "/" + "a" * 5000,
        "/?x=%ff%00&x=1",
        "/?" + "a=1&" * 900,
    ),
)
JUNK_PARTS = (
    *(
        "/events?after=-1",
        "/events?after=x",
        "/events?after=1e3",
        "/events?after=%00",
        "/events?after=١",
        "/events?after=",
    ),
    *("/events?after=" + "9" * 400, "/events?after=1.0", "/events?after=0x1"),
    *(
        f"/orders/{10**30}",
        f"/orders/{2**31}",
        f"/orders/{2**63}",
        "/orders/-1",
        "/orders/1.5",
        "/orders/0",
        "/orders/٣",
    ),
    *(f"/orders/{'9' * 4000}", f"/orders/{10**30}/receipt.pdf", "/orders/%00", "/orders/1001/receipt.pdf%00"),
)
MALFORMED = (
    *(
        b"{",
        b"[]",
        b"null",
        b"1",
        b'"later"',
        b"NaN",
        b"\xff\xfe",
        b'{"checkout": "later"} and more',
        b"{'checkout': 1}",
    ),
    *(b"[" * 60_000, b'{"checkout":' + b"[" * 20_000 + b"]" * 20_000 + b"}", b'{"checkout": ' + b"9" * 5000 + b"}"),
    *('{"checkout": "later"'.encode("utf-16"), b"\x00", b'{"checkout": "\xc3\x28"}'),
)
MISPLACED: tuple[dict[str, Any], ...] = (
    *({"prediction": []}, {"prediction": "13 "}, {"lab": 1, "choice": None}, {"x": {"y": [1]}}, {"lab": "race"}),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.just(10**400),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=8,
)
FIELDS = {
    "/orders": ("checkout", "email", "card", "race"),
    "": (
        "workers",
        "speed",
        "acknowledge",
        "visibility_timeout_s",
        "lease_renewal",
        "idempotency",
        "fencing",
        "partner",
    ),
    "/crashes": ("victim", "at"),
    "/freezes": ("victim", "seconds", "at"),
    "/outages": ("partner", "seconds"),
    "/wipes": ("anything",),
    "/holds": ("step", "seconds"),
    "/releases": ("worker",),
    "/floods": ("per_second", "seconds", "kind"),
    "/calm": ("anything",),
}


def test_looking_at_every_page_makes_no_sandbox(product: Product, visitor: Visitor, resting: Sandbox) -> None:
    with closing(sqlite3.connect(f"file:{product.data_dir}/ticketwheel.sqlite3?mode=ro", uri=True)) as db:

        def sandboxes() -> list[tuple[object, ...]]:
            return db.execute("SELECT id, acted_at, settings, last_order FROM sandboxes ORDER BY id").fetchall()

        before = sandboxes()
        for address in [
            "/",
            "/control-room",
            "/healthz",
            "/readyz",
            "/metrics",
            *(resting.url(part) for part in PAGES),
        ]:
            for headers in ({}, {"HX-Request": "true"}, {"Accept": "application/json"}):
                assert visitor.http.get(address, headers=headers).status_code < 500
                assert visitor.http.head(address, headers=headers).status_code < 500
                assert resting.http.get(address, headers=headers).status_code < 500

        assert sandboxes() == before
    assert "hx-get=" not in visitor.open()


def test_looking_leaves_nothing_in_the_record(resting: Sandbox) -> None:
    before = fingerprint(resting)

    for part in PAGES:
        for accepted in ("text/html", "application/json"):
            resting.http.get(resting.url(part), headers={"Accept": accepted})
            resting.http.options(resting.url(part))

    assert fingerprint(resting) == before


def test_a_poll_neither_reads_nor_writes_the_cookie(visitor: Visitor) -> None:
    here = visitor.move_in(workers=0)
    poll = visitor.http.get(here, headers={"HX-Request": "true"})

    again = visitor.http.get(here, headers={"HX-Request": "true", "HX-PTag": poll.headers["HX-PTag"]})

    assert poll.status_code == 200
    assert "Set-Cookie" not in poll.headers
    assert again.status_code in (200, 304)
    assert "Set-Cookie" not in again.headers


@pytest.mark.parametrize("address", JUNK_ADDRESSES)
def test_a_strange_address_is_not_found_and_breaks_nothing(visitor: Visitor, address: str) -> None:
    answer = visitor.http.get(address)

    assert answer.status_code in (200, 400, 401, 404)
    assert "import" not in answer.text


@pytest.mark.parametrize("part", JUNK_PARTS)
def test_a_strange_number_is_refused_politely(resting: Sandbox, part: str) -> None:
    answer = resting.http.get(resting.url(part))

    problem(answer, 422 if part.startswith("/events") else 404)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[
            ("Accept", value)
            for value in ("nonsense", "*/*;q=x", "a/b/c", ",;,", "application/json;q=99, text/html;q=-1")
        ],
        *[("Cookie", value) for value in ("session=nonsense", "session=", "=;=", "session=e30.x.y; session=e30")],
        *[("If-None-Match", value) for value in ("nonsense", '"', "*", 'W/"')],
        *[("Content-Type", value) for value in ("application/json", "multipart/form-data", "nonsense")],
        *[("HX-Request", value) for value in ("nonsense", "true, true")],
        *[("HX-PTag", "nonsense"), ("Range", "bytes=5-1"), ("Host", "elsewhere.example.com"), ("Host", "a b")],
        *[("X-Forwarded-For", "nonsense"), ("Accept-Encoding", "nonsense"), ("Authorization", "nonsense")],
    ],
)
def test_strange_headers_break_nothing(resting: Sandbox, name: str, value: str) -> None:
    for address in ("/", resting.url(), resting.url("/events"), "/static/css/base.css"):
        assert resting.http.get(address, headers={name: value}).status_code < 500


def test_headers_that_are_not_even_text_break_nothing(resting: Sandbox) -> None:
    for name in (b"Accept", b"Cookie", b"Authorization", b"If-None-Match", b"HX-PTag", b"Content-Type"):
        answer = resting.http.get(resting.url(), headers={name: b"\xff\xfe\x80"})
        assert answer.status_code < 500


@pytest.mark.parametrize(
    ("method", "part"), [("POST", "/orders"), ("PATCH", ""), ("POST", "/crashes"), ("POST", "/calm")]
)
def test_a_malformed_body_is_called_malformed(resting: Sandbox, method: str, part: str) -> None:
    headers = {"Content-Type": "application/json"}

    for body in MALFORMED:
        problem(resting.http.request(method, resting.url(part), content=body, headers=headers), 400)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/octet-stream", "nonsense"])
def test_a_body_that_is_neither_json_nor_a_form_is_not_passed_over_in_silence(resting: Sandbox, kind: str) -> None:
    answer = resting.http.patch(resting.url(), content=b'{"workers": 3}', headers={"Content-Type": kind})

    assert "application/json" in problem(answer, 400)["detail"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), part=st.sampled_from(sorted(FIELDS)))
def test_no_junk_breaks_anything(sandbox: Sandbox, data: st.DataObject, part: str) -> None:
    known = st.dictionaries(st.sampled_from(FIELDS[part]), ANYTHING, max_size=3)
    junk = data.draw(known | st.dictionaries(st.text(max_size=8), ANYTHING, min_size=1, max_size=3) | ANYTHING)
    body = json.dumps(junk).encode()

    method, address = ("PATCH", sandbox.url()) if part == "" else ("POST", sandbox.url(part))
    answer = sandbox.http.request(method, address, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        problem(answer, answer.status_code)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(st.text(max_size=12), st.text(max_size=40), max_size=4), part=st.sampled_from(sorted(FIELDS))
)
def test_no_junk_in_a_form_breaks_anything(sandbox: Sandbox, fields: dict[str, str], part: str) -> None:
    answer = sandbox.http.post(sandbox.url(part or "/settings"), data=fields, headers={"Accept": "text/html"})

    assert answer.status_code < 500, answer.text


@pytest.mark.parametrize("address", ["/races", "/predictions", "/observations", "/sandboxes"])
def test_no_junk_breaks_what_has_no_sandbox_in_its_address(
    resting: Sandbox, visitors: Callable[[], Visitor], address: str
) -> None:
    for junk in MISPLACED:
        problem(resting.http.post(address, json=junk), 422)
    person = visitors()
    answer: httpx.Response = person.send(address, prediction="14", lab="nowhere", choice="\x00")
    assert answer.status_code == 422
