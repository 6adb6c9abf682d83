"""The key of the practice: nothing gives it away before the reader commits."""

from __future__ import annotations

import json
import re

import httpx

from lessons.practice import practice
from tests.routes.asking import Visitor
from tests.routes.reading import leaks

SCENARIOS = practice().questions
FIRST = SCENARIOS[0]
OPTIONS = [option for scenario in SCENARIOS for option in scenario.options]
JSON = {"Accept": "application/json"}
HTMX = {"HX-Request": "true"}


def test_a_script_gets_the_scenarios_without_their_key(nobody: httpx.Client) -> None:
    told = nobody.get("/practice").json()

    assert [question["id"] for question in told["questions"]] == [scenario.id for scenario in SCENARIOS]
    assert (told["score"], told["of"], told["next"]) == (0, len(SCENARIOS), FIRST.id)
    assert all({"id", "prompt", "options"} <= set(question) for question in told["questions"])
    assert all(set(option) == {"id", "text"} for question in told["questions"] for option in question["options"])


def test_neither_key_nor_feedback_is_anywhere_before_the_reader_commits(visitor: Visitor) -> None:
    addresses = ["/practice", "/practice/review.ics"]
    for scenario in SCENARIOS:
        addresses += [f"/practice?question={scenario.id}", f"/practice?question={scenario.id}&again=yes"]

    for address in addresses:
        for headers in ({}, HTMX, JSON):
            answer = visitor.http.get(address, headers=headers)
            assert answer.status_code == 200
            assert leaks(answer.text, OPTIONS) == [], f"{address} {headers}"


def test_an_answer_shows_the_feedback_of_its_scenario_and_of_no_other(visitor: Visitor) -> None:
    wrong = next(option for option in FIRST.options if not option.right)
    visitor.send("/practice/answers", question=FIRST.id, option=wrong.id)

    page = visitor.open(f"/practice?question={FIRST.id}")
    assert leaks(page, FIRST.options) == [said for each in FIRST.options for said in (each.feedback, each.belief)]
    others = [option for option in OPTIONS if option not in FIRST.options]
    for address in ("/practice", *(f"/practice?question={scenario.id}" for scenario in SCENARIOS)):
        assert leaks(visitor.open(address), others) == []
    assert leaks(json.dumps(visitor.http.get("/practice", headers=JSON).json()), OPTIONS) == []
    assert leaks(visitor.open(f"/practice?question={FIRST.id}&again=yes"), OPTIONS) == []


def test_all_options_look_alike_before_the_reader_commits(visitor: Visitor) -> None:
    for scenario in SCENARIOS:
        page = visitor.open(f"/practice?question={scenario.id}")
        labels = re.findall(r'<label class="choice.*?</label>', page, re.DOTALL)
        assert len(labels) == len(scenario.options)
        assert len({re.sub(r'value="[^"]*"|<span>.*</span>', "", label) for label in labels}) == 1
