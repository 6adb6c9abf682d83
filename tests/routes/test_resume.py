"""The resume code over HTTP: made, shown once, used on another device, and hard to guess."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from lessons import resume
from tests.product import Product, Sandbox
from tests.routes.asking import PAGE, Visitor, found_in, wrong_fields
from tests.routes.readers import answer_one, code_in, make_code, rows_of
from tests.routes.reading import words

JSON = {"Accept": "application/json"}
HTMX = {"HX-Request": "true"}
ADDRESSES = (f"127.0.1.{number}" for number in range(1, 255))
Visitors = Callable[[], Visitor]


@pytest.fixture
def reader(product: Product) -> Iterator[Sandbox]:
    """A script that reads and answers, with a sandbox of its own."""
    made = product.new_sandbox(workers=0, speed=10)
    yield made
    made.leave()


@pytest.fixture
def guesser(product: Product) -> Iterator[Visitor]:
    """A person at an address of her own, whose failures count for nobody else."""
    transport = httpx.HTTPTransport(local_address=next(ADDRESSES), verify=False, trust_env=False)
    with httpx.Client(base_url=product.url, headers={"Accept": PAGE}, transport=transport, timeout=60) as client:
        yield Visitor(client)


def test_a_resume_code_leads_another_device_to_the_same_sandbox(visitors: Visitors) -> None:
    first, second = visitors(), visitors()
    answer_one(first)
    code = make_code(first)

    sent = second.send("/progress/resume", code=f"  {code.upper().replace(' ', '-')} ")

    assert (sent.status_code, sent.headers["Location"]) == (303, "/progress")
    assert second.sandbox() == first.sandbox()
    assert "Question 1 of lesson 1 right" in words(second.open("/progress"))
    assert "Expires=" in sent.headers["Set-Cookie"], "the other device keeps it as well"


def test_the_code_is_said_once_and_kept_as_a_digest_only(product: Product, visitor: Visitor) -> None:
    answer_one(visitor)
    code = make_code(visitor)

    again = words(visitor.open("/progress"))
    assert code not in again
    assert "You have a resume code" in again
    ((digest, *_),) = rows_of(product, "resume_codes", visitor.sandbox().rpartition("/")[2])
    assert re.fullmatch("[0-9a-f]{64}", digest)
    spoken = [path for path in product.data_dir.rglob("*") if path.is_file() and code.encode() in path.read_bytes()]
    assert spoken == []


def test_a_new_code_and_a_revocation_end_the_older_code(visitors: Visitors, guesser: Visitor) -> None:
    reader = visitors()
    answer_one(reader)
    first = make_code(reader)
    second = make_code(reader)
    assert guesser.send("/progress/resume", code=first).status_code == 422

    revoked = reader.send("/progress/codes/revocation")

    assert (revoked.status_code, revoked.headers["Location"]) == (303, "/progress#resume-code")
    assert guesser.send("/progress/resume", code=second).status_code == 422
    assert "Make a resume code" in reader.open("/progress")


def test_htmx_gets_the_fragment_that_the_page_includes(visitor: Visitor) -> None:
    answer_one(visitor)
    token = {"csrf_token": visitor.csrf_token()}

    made = visitor.http.post("/progress/codes", data=token, headers=HTMX)
    page = visitor.open("/progress")
    revoked = visitor.http.post("/progress/codes/revocation", data=token, headers=HTMX)

    for fragment in (made, revoked):
        assert fragment.text.lstrip().startswith('<div class="progress-code card" id="resume-code">')
    assert len(code_in(made).split()) == 4
    assert "The code is revoked." in revoked.text
    assert page.count('id="resume-code"') == 1


def test_a_script_makes_uses_and_revokes_a_code(product: Product, reader: Sandbox) -> None:
    made = reader.http.post("/progress/codes", json={})
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    code = made.json()["code"]
    assert reader.http.get("/progress").json()["code"] == {k: made.json()[k] for k in ("made_at", "expires_at")}
    other = product.new_sandbox(workers=0)

    resumed = other.http.post("/progress/resume", json={"code": code}).json()

    assert resumed["id"] == reader.id
    assert resumed["links"]["self"] == "/progress"
    bearer = {"Authorization": f"Bearer {resumed['token']}"}
    assert other.http.get(f"/sandboxes/{reader.id}", headers=bearer).status_code == 200
    assert reader.http.delete("/progress/codes").status_code == 204
    assert reader.http.get("/progress").json()["code"] is None
    other.leave()


def test_who_has_progress_of_her_own_is_warned_before_she_resumes(visitor: Visitor) -> None:
    assert "is left behind" not in visitor.open("/progress")
    answer_one(visitor)
    assert "what you did here is left behind" in visitor.open("/progress")


def test_a_wrong_code_is_answered_beside_its_field(product: Product, guesser: Visitor) -> None:
    shown = guesser.send("/progress/resume", code="lemon otter train river")
    by_htmx = guesser.http.post(
        "/progress/resume", data={"csrf_token": guesser.csrf_token(), "code": "one two"}, headers=HTMX
    )

    assert (shown.status_code, by_htmx.status_code) == (422, 422)
    assert resume.WRONG in words(shown.text)
    assert 'aria-invalid="true"' in shown.text
    assert "lemon otter" not in shown.text
    assert by_htmx.text.lstrip().startswith('<div class="problem">')


def test_wrong_and_expired_codes_get_one_and_the_same_answer(product: Product, guesser: Visitor) -> None:
    owner = product.new_sandbox(workers=0)
    code = owner.http.post("/progress/codes").json()["code"]
    with closing(sqlite3.connect(product.data_dir / "ticketwheel.sqlite3", timeout=10)) as db:
        db.execute("UPDATE resume_codes SET expires_at = '2020-01-01 00:00:00.000000' WHERE sandbox = ?", [owner.id])
        db.commit()

    token = {"X-CSRFToken": guesser.csrf_token(), **JSON}
    answers = [
        guesser.http.post("/progress/resume", json={"code": guess}, headers=token)
        for guess in (code, "lemon otter train river", "nonsense")
    ]

    assert [wrong_fields(answer) for answer in answers] == [{"code"}] * 3
    assert len({answer.text for answer in answers}) == 1
    owner.leave()


def test_guessing_is_stopped_and_a_right_code_was_not_a_guess(product: Product, guesser: Visitor) -> None:
    owner = product.new_sandbox(workers=0)
    code = owner.http.post("/progress/codes").json()["code"]
    token = guesser.csrf_token()
    right = [guesser.http.post("/progress/resume", data={"csrf_token": token, "code": code}) for _ in range(25)]
    assert {answer.status_code for answer in right} == {303}, "a class behind one address may resume"
    token = found_in(guesser.open("/progress"), r'name="csrf_token" value="([^"]+)"')

    # Two web processes count for themselves, and a minute may end meanwhile.
    tried = [guesser.http.post("/progress/resume", data={"csrf_token": token, "code": "a b c d"}) for _ in range(45)]

    assert {answer.status_code for answer in tried} == {422, 429}
    refused = next(answer for answer in tried if answer.status_code == 429)
    assert int(refused.headers["Retry-After"]) > 0
    statuses = [guesser.http.post("/progress/resume", data={"csrf_token": token, "code": code}) for _ in range(20)]
    assert 429 in {answer.status_code for answer in statuses}, "not even the right one is tried"
    owner.leave()


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"code"}),
        ({"code": ""}, {"code"}),
        ({"code": 4}, {"code"}),
        ({"code": ["lemon"]}, {"code"}),
        ({"code": "x" * 101}, {"code"}),
        ({"code": "\x00\ud800 \u202e"}, {"code"}),
        ({"code": "lemon otter train river", "sandbox": "mine"}, {"sandbox"}),
    ],
)
def test_a_wrong_field_of_a_resume_is_named(guesser: Visitor, body: dict[str, Any], wrong: set[str]) -> None:
    sent = {"X-CSRFToken": guesser.csrf_token(), "Content-Type": "application/json"}

    assert wrong_fields(guesser.http.post("/progress/resume", content=json.dumps(body), headers=sent | JSON)) == wrong
    assert guesser.http.post("/progress/resume", content=json.dumps(body), headers=sent).status_code == 422


def test_a_code_of_a_deleted_reader_leads_nowhere(visitors: Visitors, guesser: Visitor) -> None:
    reader = visitors()
    answer_one(reader)
    code = make_code(reader)
    reader.send("/progress/deletion", sure="yes")

    assert guesser.send("/progress/resume", code=code).status_code == 422
