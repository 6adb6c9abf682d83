"""A crawler looks for the key of the quick checks: nothing gives it away before the reader commits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import httpx

from lessons.course import course
from lessons.quiz import Question
from tests.routes.asking import Visitor
from tests.routes.reading import leaks

LESSONS = course().lessons
OPTIONS = [option for lesson in LESSONS for question in lesson.questions for option in question.options]
JSON = {"Accept": "application/json"}
HTMX = {"HX-Request": "true"}


def test_neither_key_nor_feedback_is_anywhere_before_the_reader_commits(visitor: Visitor) -> None:
    found = {f"{address} {headers}": leaks(text, OPTIONS) for address, headers, text in crawl(visitor)}

    assert len(found) > 3 * len(LESSONS)
    assert {where: what for where, what in found.items() if what} == {}


def test_all_options_look_alike_before_the_reader_commits(visitor: Visitor) -> None:
    for lesson in LESSONS:
        page = visitor.open(lesson.address)
        for question in lesson.questions:
            marked = choices(page, question)
            assert len(marked) == len(question.options)
            assert len(set(marked)) == 1, f"{lesson.slug}: an option of {question.id} is marked in some way"


def test_an_answer_gives_away_nothing_but_itself(visitor: Visitor) -> None:
    first = LESSONS[0]
    question = first.questions[0]
    wrong = next(option for option in question.options if not option.right)

    visitor.send(f"{first.address}/answers", question=question.id, option=wrong.id)

    page = visitor.open(first.address)
    assert leaks(page, [wrong]) == [wrong.feedback, wrong.belief], "the crawler would find what is there"
    assert leaks(page, [option for option in OPTIONS if option != wrong]) == []
    assert leaks(visitor.open("/lessons"), OPTIONS) == []


def crawl(visitor: Visitor) -> Iterator[tuple[str, dict[str, str], str]]:
    """Every page, fragment and JSON of the course, and every page, style and script that they link to."""
    seen: set[str] = set()
    waiting = ["/lessons", "/"]
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        for headers in ({}, HTMX, JSON):
            answer = visitor.http.get(address, headers=headers)
            yield address, headers, json.dumps(answer.json(), ensure_ascii=False) if is_json(answer) else answer.text
            if not address.startswith("/static/"):
                waiting += re.findall(r'(?:href|src|hx-get)="(/[^"#]*)', answer.text)
        if address.startswith("/lessons/") and "?" not in address:
            lesson = course().find(address.rpartition("/")[2])
            waiting += [f"{address}?again={question.id}" for question in lesson.questions] if lesson else []


def is_json(answer: httpx.Response) -> bool:
    return "json" in answer.headers["Content-Type"]


def choices(page: str, question: Question) -> list[str]:
    """The markup of each option, without the option's own id and text."""
    section = page.partition(f'id="question-{question.id}"')[2].partition("</fieldset>")[0]
    labels = re.findall(r'<label class="choice.*?</label>', section, re.DOTALL)
    return [re.sub(r'value="[^"]*"|<span>.*</span>', "", label) for label in labels]
