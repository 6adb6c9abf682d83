"""Practice over HTTP: a round as a script, as a plain form and by htmx; its score, its refusals, its calendar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from lessons.course import course
from lessons.practice import Scenario, practice
from lessons.quiz import Option
from tests.product import Product, Sandbox
from tests.routes.asking import Visitor, problem, wrong_fields
from tests.routes.reading import leaks, words

SCENARIOS = practice().questions
FIRST, SECOND = SCENARIOS[:2]
OPTIONS = [option for scenario in SCENARIOS for option in scenario.options]
JSON = {"Accept": "application/json"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def reader(product: Product) -> Iterator[Sandbox]:
    """A script that answers, with a sandbox of its own."""
    made = product.new_sandbox(workers=0)
    yield made
    made.leave()


def option_of(scenario: Scenario, right: bool) -> Option:
    return next(option for option in scenario.options if option.right is right)


def given(scenario: Scenario, right: bool, **more: str) -> dict[str, str]:
    return {"question": scenario.id, "option": option_of(scenario, right).id, **more}


def answer_all(reader: Sandbox, *missed: Scenario, of: tuple[Scenario, ...] = SCENARIOS) -> dict[str, Any]:
    """Answer a whole round, some of it wrong; what was said to the last answer."""
    told: dict[str, Any] = {}
    for scenario in of:
        answer = reader.http.post("/practice/answers", json=given(scenario, scenario not in missed))
        assert answer.status_code == 200, answer.text
        told = answer.json()
    return told


def test_a_script_is_told_whether_it_was_right_why_and_the_score(reader: Sandbox) -> None:
    bodies = given(FIRST, False, confidence="certain"), given(SECOND, True, confidence="guess")
    wrong, right = (reader.http.post("/practice/answers", json=body).json() for body in bodies)

    assert (wrong["correct"], wrong["feedback"]) == (False, option_of(FIRST, False).feedback)
    assert (right["correct"], right["feedback"]) == (True, option_of(SECOND, True).feedback)
    assert [(each["score"], each["of"]) for each in (wrong, right)] == [(0, 12), (1, 12)]
    assert reader.http.get(wrong["links"]["lesson"]).json()["slug"] == FIRST.lesson


@pytest.mark.parametrize("first", [True, False])
def test_only_the_first_answer_of_a_round_counts(reader: Sandbox, first: bool) -> None:
    bodies = [given(FIRST, right) for right in (first, not first, first)]
    scores = [reader.http.post("/practice/answers", json=body).json()["score"] for body in bodies]

    assert scores == [int(first)] * 3
    assert reader.http.get("/practice").json()["next"] == SECOND.id


def test_all_right_is_twelve_of_twelve_and_leaves_nothing_to_repeat(reader: Sandbox) -> None:
    told = answer_all(reader)

    assert (told["score"], told["of"]) == (len(SCENARIOS), len(SCENARIOS))
    assert reader.http.get("/practice").json()["next"] is None
    assert wrong_fields(reader.http.post("/practice/rounds", json={"questions": "missed"})) == {"questions"}


def test_the_missed_ones_again_asks_only_those(reader: Sandbox) -> None:
    told = answer_all(reader, FIRST, SECOND)
    begun = reader.http.post("/practice/rounds", json={"questions": "missed"})

    assert told["score"] == len(SCENARIOS) - 2
    assert (begun.status_code, begun.headers["Location"]) == (201, "/practice")
    assert [question["id"] for question in begun.json()["questions"]] == [FIRST.id, SECOND.id]
    assert begun.json()["score"] == 0
    assert answer_all(reader, of=(FIRST, SECOND))["score"] == 2


def test_all_wrong_twice_is_all_missed_twice(reader: Sandbox) -> None:
    for _ in range(2):
        assert answer_all(reader, *SCENARIOS)["score"] == 0
        again = reader.http.post("/practice/rounds", json={"questions": "missed"}).json()
        assert again["of"] == len(SCENARIOS)


def test_a_new_round_of_all_forgets_the_score_of_the_last(reader: Sandbox) -> None:
    answer_all(reader, FIRST)
    begun = reader.http.post("/practice/rounds", json={"questions": "all"}).json()

    assert (begun["score"], begun["answered"], begun["of"]) == (0, 0, len(SCENARIOS))


def test_an_answer_outside_of_the_round_is_explained_and_does_not_count(reader: Sandbox) -> None:
    answer_all(reader, FIRST)
    reader.http.post("/practice/rounds", json={"questions": "missed"})
    told = reader.http.post("/practice/answers", json=given(SECOND, True)).json()

    assert (told["correct"], told["score"], told["of"]) == (True, 0, 1)
    page = reader.http.get(f"/practice?question={SECOND.id}", headers={"Accept": "text/html"})
    assert "Not part of this round" in page.text


def test_without_javascript_one_goes_from_scenario_to_summary(visitor: Visitor) -> None:
    for number, scenario in enumerate(SCENARIOS, 1):
        page = words(visitor.open("/practice"))
        assert f"Scenario {number} of {len(SCENARIOS)}" in page
        assert words(scenario.story) in page
        answer = visitor.send("/practice/answers", **given(scenario, scenario != SECOND, confidence="fairly sure"))
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/practice?question={scenario.id}")
        assert "Your answer: fairly sure" in words(visitor.open(answer.headers["Location"]))

    summary = visitor.open("/practice")
    assert f"Score {len(SCENARIOS) - 1} of {len(SCENARIOS)}" in words(summary)
    [read_again] = re.findall(r'href="(/lessons/[^"]+)">Read again', summary)
    assert read_again == f"/lessons/{SECOND.lesson}"
    for slug in {scenario.lesson for scenario in SCENARIOS}:
        assert words(course().lesson(slug).front.title) in words(summary)

    begun = visitor.send("/practice/rounds", questions="missed")
    assert (begun.status_code, begun.headers["Location"]) == (303, "/practice")
    assert "Scenario 1 of 1" in words(visitor.open("/practice"))


def test_htmx_gets_the_round_alone_and_may_try_again(visitor: Visitor) -> None:
    token = visitor.csrf_token()
    wrong = option_of(FIRST, False)
    answered = visitor.http.post("/practice/answers", data=given(FIRST, False, csrf_token=token), headers=HTMX)
    again = visitor.http.get("/practice", params={"question": FIRST.id, "again": "yes"}, headers=HTMX)
    onwards = visitor.http.get("/practice", headers=HTMX)
    begun = visitor.http.post("/practice/rounds", data={"questions": "all", "csrf_token": token}, headers=HTMX)

    for answer in (answered, again, onwards, begun):
        assert answer.status_code == 200
        assert answer.text.lstrip().startswith('<div class="practice-round" id="practice-round">')
    assert words(wrong.feedback) in words(answered.text)
    assert words(wrong.feedback) not in words(again.text)
    assert words(SECOND.story) in words(onwards.text)
    assert words(FIRST.story) in words(begun.text)


def test_the_page_tells_that_the_first_answer_counted(visitor: Visitor) -> None:
    for right in (False, True):
        visitor.send("/practice/answers", **given(FIRST, right))

    page = words(visitor.open(f"/practice?question={FIRST.id}"))
    assert "Your first answer in this round was another one" in page
    assert f"Score 0 of {len(SCENARIOS)}" in page


def test_a_look_begins_no_round_and_makes_no_sandbox(visitor: Visitor) -> None:
    visitor.open("/practice")
    visitor.open(f"/practice?question={SECOND.id}")

    assert 'class="sandbox"' not in visitor.open("/practice")


def test_an_answer_starts_no_worker(visitor: Visitor) -> None:
    visitor.send("/practice/answers", **given(FIRST, False))

    assert visitor.http.get(visitor.sandbox(), headers=JSON).json()["workers"] == []


def test_two_readers_have_a_score_each(visitor: Visitor, reader: Sandbox) -> None:
    reader.http.post("/practice/answers", json=given(FIRST, True))

    assert visitor.http.get("/practice", headers=JSON).json()["score"] == 0
    assert reader.http.get("/practice").json()["score"] == 1


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"question", "option"}),
        ({"question": "nonsense", "option": "a"}, {"question"}),
        ({"question": FIRST.id, "option": "nonsense"}, {"option"}),
        (given(FIRST, True, confidence="very"), {"confidence"}),
        (given(FIRST, True, score="12"), {"score"}),
        ({"question": 1, "option": ["everything"]}, {"question", "option"}),
        ({"question": "\x00", "option": "x" * 41}, {"option"}),
    ],
)
def test_a_wrong_field_of_an_answer_is_named(reader: Sandbox, body: dict[str, Any], wrong: set[str]) -> None:
    answer = reader.http.post("/practice/answers", json=body)

    assert wrong_fields(answer) == wrong
    assert leaks(answer.text, OPTIONS) == []
    assert reader.http.get("/practice").json()["answered"] == 0


@pytest.mark.parametrize("body", [{}, {"questions": "some"}, {"questions": ["all"]}, {"questions": "missed"}])
def test_a_wrong_round_is_refused(reader: Sandbox, body: dict[str, Any]) -> None:
    assert wrong_fields(reader.http.post("/practice/rounds", json=body)) == {"questions"}


@pytest.mark.parametrize("address", ["/practice/answers", "/practice/rounds"])
def test_a_malformed_body_is_refused(reader: Sandbox, address: str) -> None:
    for body in ("{", "[]", '"all"', "\x00"):
        answer = reader.http.post(address, content=body, headers={"Content-Type": "application/json"})
        problem(answer, 400)


def test_an_unknown_scenario_is_not_found_and_the_page_helps(visitor: Visitor, nobody: httpx.Client) -> None:
    for named in ("nonsense", "%00", "%F0%9F%8D%9E", "x" * 2000):
        assert visitor.http.get(f"/practice?question={named}").status_code == 404
        problem(nobody.get(f"/practice?question={named}"), 404)
    assert "The practice is at /practice" in visitor.http.get("/practice?question=nonsense").text
    assert visitor.http.get("/practice?question=&again=").status_code == 200


def test_who_may_not_answer_is_told_so(nobody: httpx.Client, visitor: Visitor) -> None:
    for address, body in (("/practice/answers", given(FIRST, True)), ("/practice/rounds", {"questions": "all"})):
        problem(nobody.post(address, json=body), 401)
        visitor.open("/practice")
        assert visitor.http.post(address, data=body).status_code == 400
        assert nobody.put(address, json=body).status_code in (401, 405)


def test_the_review_is_a_calendar_of_three_days_with_a_link_to_this_host(visitor: Visitor, product: Product) -> None:
    answer = visitor.http.get("/practice/review.ics")

    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="ticketwheel-review.ics"'
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    days = [event.decoded("dtstart") for event in events]
    assert [(day - days[0]).days for day in days] == [0, 6, 29]
    assert {str(event["url"]) for event in events} == {f"{product.url}/practice"}


@pytest.mark.parametrize("host", ["[", "a b", "x<y>", "", "[::1]:8000"])
def test_a_strange_host_breaks_no_calendar(visitor: Visitor, host: str) -> None:
    answer = visitor.http.get("/practice/review.ics", headers={"Host": host})

    assert answer.status_code < 500
    if answer.status_code == 200:
        assert len(Calendar.from_ical(answer.content).walk("VEVENT")) == 3
