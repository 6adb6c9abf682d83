"""Progress over HTTP: shown, exported and deleted, with a cookie and nothing else."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from lessons.course import course
from tests.product import Product, Sandbox
from tests.routes.asking import Visitor, problem, wrong_fields
from tests.routes.readers import FIRST, QUESTION, RIGHT, SECOND, WRONG, answer_one, make_code, rows_of
from tests.routes.reading import words

JSON = {"Accept": "application/json"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def reader(product: Product) -> Iterator[Sandbox]:
    """A script that reads and answers, with a sandbox of its own."""
    made = product.new_sandbox(workers=0, speed=10)
    yield made
    made.leave()


def test_a_stranger_is_told_that_nothing_is_kept_and_gets_no_sandbox(visitor: Visitor) -> None:
    page = visitor.open("/progress")

    assert "Nothing is kept of you yet" in page
    assert f'href="{FIRST.address}"' in page
    assert 'action="/progress/resume"' in page
    assert "/progress/codes" not in page
    assert "Inbox" not in page, "looking makes no sandbox"


def test_the_page_shows_what_was_read_answered_predicted_and_run(visitor: Visitor) -> None:
    answer_one(visitor, WRONG.id)
    answer_one(visitor, RIGHT.id)
    visitor.open(SECOND.address)
    visitor.send("/predictions", lab="race", choice="6")

    page = words(visitor.open("/progress"))
    assert f"2 of {len(course().lessons)} lessons read" in page
    assert re.search(r"1 of \d+ quick checks answered, 1 right", page)
    assert "Question 1 of lesson 1 right 2 attempts" in page
    assert "Go on with lesson 3" in page
    assert "The race about 6 s nothing yet" in page
    assert "0 orders placed" in page
    assert "From three answers of one kind on" in page
    assert words(visitor.open("/lessons")).count(" read ") == 2


def test_a_script_gets_the_same_as_json(reader: Sandbox) -> None:
    for option in (WRONG, RIGHT):
        body = {"question": QUESTION.id, "option": option.id, "confidence": "guess"}
        assert reader.http.post(f"{FIRST.address}/answers", json=body).is_success
    reader.http.post("/predictions", json={"lab": "race", "choice": "1"})
    reader.place("now")

    told = reader.http.get("/progress").json()
    assert told["read"] == {"lessons": 1, "of": len(course().lessons)}
    assert (told["answered"]["questions"], told["answered"]["answered_right"]) == (1, 1)
    assert told["lessons"][0]["questions"][0] == {"id": QUESTION.id, "correct": True, "attempts": 2}
    assert told["lessons"][0]["questions"][1] == {"id": FIRST.questions[1].id, "attempts": 0}
    assert told["labs"] == [{"lab": "race", "title": "The race", "prediction": "about 1 s", "observation": None}]
    assert told["run"] == {"orders_placed": 1, "workers_killed": 0}
    assert told["calibration"]["sentence"] is None
    assert told["calibration"]["rows"][0] == {"confidence": "guess", "answered_right": 0, "of": 1, "percent": None}
    assert told["next"] == SECOND.address
    assert told["code"] is None


def test_three_answers_of_one_confidence_are_drawn_and_told_in_words(visitor: Visitor) -> None:
    asked = [(lesson, question) for lesson in course().lessons for question in lesson.questions][:3]
    for number, (lesson, question) in enumerate(asked):
        option = next(option for option in question.options if option.right is (number > 0))
        given = {"question": question.id, "option": option.id, "confidence": "certain"}
        visitor.send(f"{lesson.address}/answers", **given)

    page = visitor.open("/progress")
    assert "When you were certain, you were right 2 of 3 times." in words(page)
    assert re.search(r'<rect class="tone tone-neutral" y="3" width="67.0%"', page)
    assert "style=" not in page


def test_looking_at_a_lesson_marks_it_once_and_only_for_a_reader(product: Product, visitor: Visitor) -> None:
    visitor.open(FIRST.address)
    assert "Nothing is kept of you yet" in visitor.open("/progress")
    sandbox = visitor.move_in().rpartition("/")[2]
    for _ in range(2):
        visitor.open(SECOND.address)
        visitor.http.get(FIRST.address, headers=JSON)
        visitor.http.get(FIRST.address, params={"again": QUESTION.id}, headers=HTMX)

    assert [row[1] for row in rows_of(product, "lessons_read", sandbox)] == [SECOND.slug]


@pytest.mark.parametrize(
    ("method", "address", "body", "wrong"),
    [
        ("POST", "/progress/codes", {"code": "my own four words"}, {"code"}),
        ("POST", "/progress/codes/revocation", {"x": 1}, {"x"}),
        ("POST", "/progress/deletion", {}, {"sure"}),
        ("POST", "/progress/deletion", {"sure": True}, {"sure"}),
        ("POST", "/progress/deletion", {"sure": "yes", "sandbox": "hers"}, {"sandbox"}),
    ],
)
def test_other_wrong_fields_are_named_and_nothing_happens(
    reader: Sandbox, method: str, address: str, body: dict[str, Any], wrong: set[str]
) -> None:
    assert wrong_fields(reader.http.request(method, address, json=body)) == wrong
    assert reader.http.get("/progress").json()["code"] is None


def test_the_export_is_a_file_with_all_that_is_kept(product: Product, visitor: Visitor) -> None:
    answer_one(visitor, WRONG.id, "guess")
    visitor.open(SECOND.address)
    make_code(visitor)
    sandbox = visitor.sandbox()
    visitor.send("/predictions", lab="race", choice="13")
    visitor.send(f"{sandbox}/settings", speed="10")
    visitor.send(f"{sandbox}/orders", checkout="now", email="grace@example.com")

    answer = visitor.http.get("/progress/export")

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="ticketwheel-progress.json"'
    told, mine = answer.json(), sandbox.rpartition("/")[2]
    kept = {
        name: rows_of(product, name, mine) for name in ("answers", "lessons_read", "commitments", "orders", "emails")
    }
    assert [(row["lesson"], row["question"], row["chosen_option"], row["how_sure"]) for row in told["answers"]] == [
        row[2:6] for row in kept["answers"]
    ]
    assert {row["lesson"] for row in told["lessons_opened"]} == {row[1] for row in kept["lessons_read"]}
    assert [(row["lab"], row["kind"], row["choice"]) for row in told["predictions_and_observations"]] == [
        row[1:4] for row in kept["commitments"]
    ]
    assert [row["customers_email"] for row in told["orders"]] == ["grace@example.com"]
    assert [row["subject"] for row in told["emails_received"]] == [row[5] for row in kept["emails"]]
    assert told["settings"]["speed"] == 10
    assert [set(row) for row in told["resume_codes"]] == [{"made_at", "expires_at"}]
    assert visitor.http.get(told["more"]["every_event_in_order"], headers=JSON).json()


def test_a_stranger_may_export_nothing(nobody: httpx.Client) -> None:
    told = nobody.get("/progress/export").json()

    assert told["sandbox"] is None
    assert [section for section, content in told.items() if content and section != "exported_at"] == []


def test_delete_forgets_everything_of_a_script(product: Product, reader: Sandbox) -> None:
    reader.http.post(f"{FIRST.address}/answers", json={"question": QUESTION.id, "option": RIGHT.id})
    reader.http.post("/progress/codes")

    assert reader.http.delete("/progress").status_code == 204

    for table in ("answers", "lessons_read", "resume_codes", "orders"):
        assert rows_of(product, table, reader.id) == []
    problem(reader.http.get("/progress"), 401)


def test_a_person_deletes_with_a_ticked_box_and_her_cookie_is_empty(product: Product, visitor: Visitor) -> None:
    answer_one(visitor)
    sandbox = visitor.sandbox().rpartition("/")[2]

    refused = visitor.send("/progress/deletion")
    assert refused.status_code == 422
    assert "Tick the box first. Nothing was deleted." in words(refused.text)
    assert len(rows_of(product, "answers", sandbox)) == 1

    sent = visitor.send("/progress/deletion", sure="yes")
    assert (sent.status_code, sent.headers["Location"]) == (303, "/progress")
    assert visitor.cookie == ""
    assert rows_of(product, "answers", sandbox) == []
    assert "Nothing is kept of you yet" in visitor.open("/progress")


def test_who_may_not_change_progress_is_told_so(nobody: httpx.Client, visitor: Visitor) -> None:
    unsafe = [
        ("POST", "/progress/codes"),
        ("DELETE", "/progress/codes"),
        ("POST", "/progress/codes/revocation"),
        ("POST", "/progress/resume"),
        ("POST", "/progress/deletion"),
        ("DELETE", "/progress"),
    ]
    visitor.open("/progress")
    for method, address in unsafe:
        problem(nobody.request(method, address), 401)
        assert visitor.http.request(method, address).status_code == 400, "no CSRF token"


def test_a_stranger_has_nothing_to_revoke_or_delete(visitor: Visitor) -> None:
    token = {"X-CSRFToken": visitor.csrf_token(), **JSON}

    assert visitor.http.delete("/progress/codes", headers=token).status_code == 204
    assert visitor.send("/progress/codes/revocation").status_code == 303
    assert visitor.http.delete("/progress", headers=token).status_code == 204


def test_nobody_sees_somebody_elses_progress(visitor: Visitor, reader: Sandbox) -> None:
    reader.http.post(f"{FIRST.address}/answers", json={"question": QUESTION.id, "option": RIGHT.id})

    assert html.unescape(visitor.open("/progress")).count("Question 1") == 0
    assert visitor.http.get("/progress", headers=JSON).json()["read"]["lessons"] == 0
