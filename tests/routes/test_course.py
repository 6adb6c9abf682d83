"""The course over HTTP: the map, the lessons, and answers as JSON, by htmx and by a plain form."""

from __future__ import annotations

import html
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from lessons.course import course
from lessons.lesson import Lesson
from lessons.quiz import Option
from tests.product import Product, Sandbox
from tests.routes.asking import Visitor, problem, wrong_fields
from tests.routes.reading import leaks, words

LESSONS = course().lessons
FIRST = LESSONS[0]
QUESTION = FIRST.questions[0]
RIGHT = next(option for option in QUESTION.options if option.right)
WRONG = next(option for option in QUESTION.options if not option.right)
JSON = {"Accept": "application/json"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def reader(product: Product) -> Iterator[Sandbox]:
    """A script that reads and answers, with a sandbox of its own."""
    made = product.new_sandbox(workers=0)
    yield made
    made.leave()


def answers_of(lesson: Lesson) -> str:
    return f"{lesson.address}/answers"


def given(option: Option, **more: str) -> dict[str, str]:
    return {"question": QUESTION.id, "option": option.id, **more}


def test_the_map_names_every_lesson_in_order(visitor: Visitor) -> None:
    page = visitor.open("/lessons")

    places = [page.index(f'href="{lesson.address}"') for lesson in LESSONS]
    assert places == sorted(places)
    for lesson in LESSONS:
        assert words(lesson.front.title) in words(page)
        assert words(lesson.front.goal) in words(page)
        assert f"{lesson.front.minutes} minutes" in page
    assert 'aria-current="page">Course' in page


def test_a_script_gets_the_map_and_the_questions_without_their_key(nobody: httpx.Client) -> None:
    told = nobody.get("/lessons").json()

    assert [lesson["slug"] for lesson in told] == [lesson.slug for lesson in LESSONS]
    assert set(told[0]) == {"slug", "title", "minutes", "goal", "links"}
    lesson = nobody.get(told[0]["links"]["self"]).json()
    assert {key: lesson[key] for key in told[0]} == told[0]
    assert [set(question) for question in lesson["questions"]] == [{"id", "prompt", "options"}] * len(FIRST.questions)
    assert all(set(option) == {"id", "text"} for question in lesson["questions"] for option in question["options"])


@pytest.mark.parametrize("lesson", LESSONS, ids=[lesson.slug for lesson in LESSONS])
def test_a_lessons_page_holds_all_of_it(visitor: Visitor, lesson: Lesson) -> None:
    page = visitor.open(lesson.address)

    for question in lesson.questions:
        assert page.count(f'id="question-{question.id}"') == 1
    assert words(lesson.lab.content.title) in words(page)
    assert words(lesson.front.recap) in words(page)
    assert len(set(ids := re.findall(r' id="([^"]+)"', page))) == len(ids)
    assert f"<title>{html.escape(lesson.front.title)}" in page
    assert re.search(r'<meta name="description" content="You can ', page)
    assert "style=" not in page
    neighbours = [each.address for each in (course().before(lesson), course().after(lesson)) if each]
    assert re.findall(r'rel="(?:prev|next)" href="([^"]+)"', page) == neighbours


def test_a_script_is_told_whether_it_was_right_and_why(reader: Sandbox) -> None:
    wrong, right = (
        reader.http.post(answers_of(FIRST), json=given(option, confidence="certain")).json()
        for option in (WRONG, RIGHT)
    )

    assert (wrong["correct"], wrong["feedback"]) == (False, WRONG.feedback)
    assert (right["correct"], right["feedback"]) == (True, RIGHT.feedback)
    assert right["links"]["question"] == f"{FIRST.address}#question-{QUESTION.id}"


def test_without_javascript_a_form_leads_back_to_the_question_and_its_feedback(visitor: Visitor) -> None:
    answer = visitor.send(answers_of(FIRST), **given(WRONG, confidence="fairly sure"))

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{FIRST.address}#question-{QUESTION.id}")
    page = words(visitor.open(FIRST.address))
    assert words(WRONG.feedback) in page
    assert "Your answer: fairly sure" in page
    assert words(RIGHT.feedback) not in page

    visitor.send(answers_of(FIRST), **given(RIGHT))
    assert words(RIGHT.feedback) in words(visitor.open(FIRST.address))
    assert f"1 of {len(FIRST.questions)} quick checks answered, 1 right" in words(visitor.open("/lessons"))


def test_htmx_gets_the_question_alone_and_may_try_it_again(visitor: Visitor) -> None:
    token = visitor.csrf_token()
    fragment = visitor.http.post(answers_of(FIRST), data=given(WRONG, csrf_token=token), headers=HTMX)
    again = visitor.http.get(FIRST.address, params={"again": QUESTION.id}, headers=HTMX)

    for answer in (fragment, again):
        assert answer.status_code == 200
        assert answer.text.lstrip().startswith("<section")
        assert f'id="question-{QUESTION.id}"' in answer.text
    assert words(WRONG.feedback) in words(fragment.text)
    assert words(WRONG.feedback) not in words(again.text)
    assert words(WRONG.feedback) in words(visitor.open(FIRST.address)), "the last answer is still there"


def test_every_attempt_is_kept(product: Product, reader: Sandbox) -> None:
    for option, confidence in ((WRONG, "certain"), (WRONG, "guess"), (RIGHT, None)):
        body = given(option) | ({"confidence": confidence} if confidence else {})
        assert reader.http.post(answers_of(FIRST), json=body).status_code == 200

    with closing(sqlite3.connect(f"file:{product.data_dir}/ticketwheel.sqlite3?mode=ro", uri=True)) as db:
        kept = "SELECT lesson, question, option, confidence, correct FROM answers WHERE sandbox = ? ORDER BY id"
        rows = db.execute(kept, (reader.id,)).fetchall()
    here = (FIRST.slug, QUESTION.id)
    assert rows == [
        (*here, WRONG.id, "certain", 0),
        (*here, WRONG.id, "guess", 0),
        (*here, RIGHT.id, None, 1),
    ]


def test_an_answer_starts_no_worker(visitor: Visitor) -> None:
    visitor.send(answers_of(FIRST), **given(WRONG))

    snapshot = visitor.http.get(visitor.sandbox(), headers=JSON).json()
    assert snapshot["workers"] == []


def test_two_readers_do_not_see_each_others_answers(visitor: Visitor, reader: Sandbox) -> None:
    reader.http.post(answers_of(FIRST), json=given(WRONG))

    assert words(WRONG.feedback) not in words(visitor.open(FIRST.address))


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"question", "option"}),
        ({"question": "nonsense", "option": "a"}, {"question"}),
        ({"question": QUESTION.id, "option": "nonsense"}, {"option"}),
        ({"question": QUESTION.id, "option": WRONG.id, "confidence": "very"}, {"confidence"}),
        ({"question": QUESTION.id, "option": WRONG.id, "score": 1}, {"score"}),
        ({"question": 1, "option": [WRONG.id]}, {"question", "option"}),
        ({"question": "\x00", "option": "x" * 41}, {"option"}),
    ],
)
def test_a_wrong_field_is_named_with_what_is_allowed(reader: Sandbox, body: dict[str, Any], wrong: set[str]) -> None:
    answer = reader.http.post(answers_of(FIRST), json=body)

    assert wrong_fields(answer) == wrong
    assert leaks(answer.text, QUESTION.options) == []


def test_who_may_not_answer_is_told_so(nobody: httpx.Client, visitor: Visitor) -> None:
    problem(nobody.post(answers_of(FIRST), json=given(RIGHT)), 401)
    visitor.open(FIRST.address)
    assert visitor.http.post(answers_of(FIRST), data=given(RIGHT)).status_code == 400
    assert visitor.send(answers_of(FIRST), question=QUESTION.id).status_code == 422


def test_an_unknown_lesson_is_not_found_and_the_page_helps(visitor: Visitor, nobody: httpx.Client) -> None:
    address = f"/lessons/{FIRST.slug}s"
    page = visitor.http.get(address)

    assert page.status_code == 404
    assert f"Did you mean {FIRST.address}?" in page.text
    assert 'href="/lessons"' in page.text
    problem(nobody.get(address), 404)
    assert visitor.send(f"{address}/answers", **given(RIGHT)).status_code == 404
