"""All that people try on a discussion: markup, tricks with letters, books, floods and strange addresses."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from lessons import voice
from lessons.course import course
from tests.routes.posting import Reader, Script, begin_anew, front_of_house, texts, told
from workers import posts

FIRST = course().lessons[0]
POSTS, REMARKS = f"{FIRST.address}/posts", f"{FIRST.address}/remarks"
HOSTILE = '"></textarea><script>alert(1)</script><b onmouseover=alert(1)>{{ 7 * 7 }}</b>'


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with front_of_house(tmp_path_factory.mktemp("front")) as made:
        yield made


@pytest.fixture(autouse=True)
def _anew(app: Flask) -> None:
    begin_anew()


@pytest.fixture
def reader(app: Flask) -> Reader:
    return Reader.of(app)


@pytest.fixture
def script(app: Flask) -> Script:
    return Script.of(app)


def test_nothing_that_a_reader_writes_is_markup_anywhere(app: Flask, reader: Reader) -> None:
    reader.send(POSTS, text=HOSTILE)
    reader.send(REMARKS, helpful="yes", remark=HOSTILE)

    for page in (reader.open(FIRST.address), reader.open(POSTS), Reader.of(app).open(FIRST.address)):
        assert "<script>alert" not in page
        assert "<b onmouseover" not in page
        assert texts(page) == [HOSTILE]
        assert re.findall(r"<p [^>]*dir=\"auto\"", page)
    assert f"\n{HOSTILE}</textarea>" in html.unescape(reader.open(FIRST.address))


def test_a_text_that_turns_hides_or_towers_is_tamed_before_it_is_kept(script: Script) -> None:
    made = script.post(
        POSTS, text="a\u202eb\u200bc\x00\x1b[2J\r\n" + "e" + "\u0301" * 900 + "\n" * 90 + "end"
    ).get_json()

    assert made["text"] == "abc[2J\n\u00e9" + "\u0301" * 4 + "\n\n\nend"


@pytest.mark.parametrize(
    ("body", "wrong", "said"),
    [
        ({}, "text", "required"),
        ({"text": ""}, "text", "is blank"),
        ({"text": " \n\t\u200b\u202e\ufeff\x00 "}, "text", "is blank"),
        ({"text": "\u3164\u2800\u200d\u0301"}, "text", "is blank"),
        ({"text": "\ud800"}, "text", ""),
        ({"text": "x" * 2001}, "text", "at most 2,000"),
        ({"text": 7}, "text", "string"),
        ({"text": ["x"]}, "text", "string"),
        ({"text": None}, "text", "string"),
        ({"text": "x", "name": "Admin"}, "name", "no such field"),
    ],
)
def test_a_wrong_post_is_named_with_what_is_allowed(script: Script, body: Any, wrong: str, said: str) -> None:
    (error,) = told(script.http.post(POSTS, json=body), 422)["errors"]

    assert error["field"] == wrong
    assert said in error["problem"]
    assert error["allowed"]
    assert script.http.get(POSTS).get_json() == []


def test_the_longest_text_is_kept_whole(script: Script) -> None:
    longest = "\U0001f600" * voice.POST_AT_MOST

    assert script.post(POSTS, text=longest).get_json()["text"] == longest
    assert script.post(REMARKS, helpful=True, remark="x" * 1000).status_code == 200


@pytest.mark.parametrize("size", [65_000, 100_000, 1_000_000])
def test_a_huge_text_is_refused_and_breaks_nothing(reader: Reader, script: Script, size: int) -> None:
    for answer in (
        script.post(POSTS, text="x" * size),
        script.post(REMARKS, helpful=True, remark="x" * size),
        reader.send(POSTS, text="\u0301" * (size // 2)),
        reader.send(REMARKS, helpful="yes", remark="x" * size),
    ):
        assert answer.status_code in (413, 422)
    assert script.http.get(POSTS).get_json() == []


def test_without_javascript_a_refused_text_comes_back_to_be_mended(reader: Reader) -> None:
    too_long = "Begin. " + "x" * 2000

    answer = reader.send(POSTS, text=too_long)

    assert answer.status_code == 422
    assert f"\n{too_long}</textarea>" in answer.text
    assert "at most 2,000" in answer.text
    fragment = reader.send(POSTS, htmx=True, text=too_long)
    assert fragment.status_code == 422
    assert 'class="problem"' in fragment.text
    assert "<form" not in fragment.text, "the form on the page keeps the text"


@pytest.mark.parametrize("number", ["0", "999", "-1", "x", "9" * 30, "9" * 5000, "1.5", "%00", "٣"])
def test_a_strange_post_number_is_not_found(script: Script, number: str) -> None:
    told(script.post(f"{POSTS}/{number}/reports"), 404)
    told(script.post(f"{POSTS}/{number}/deletion"), 404)
    assert script.http.delete(f"{POSTS}/{number}").status_code == 404


@pytest.mark.parametrize("before", ["x", "-1", "", "1.5", "9" * 40, "٣", "%00"])
def test_a_strange_place_to_begin_is_refused(script: Script, before: str) -> None:
    (error,) = told(script.http.get(f"{POSTS}?before={before}"), 422)["errors"]
    assert error["field"] == "before"


def test_five_hundred_quick_posts_leave_five(app: Flask, script: Script) -> None:
    answers = [script.post(POSTS, text=f"flood {number}") for number in range(500)]

    assert [answer.status_code for answer in answers] == [201] * 5 + [429] * 495
    assert int(answers[-1].headers["Retry-After"]) > 0
    told(answers[-1], 429)
    assert len(script.http.get(POSTS).get_json()) == 5
    assert Reader.of(app).send(POSTS, text="Somebody else still may.").status_code == 303


def test_many_readers_from_one_address_are_slowed_too(app: Flask) -> None:
    scripts = [Script.of(app, "192.0.2.7") for _ in range(20)]
    codes = [script.post(POSTS, text="flood").status_code for script in scripts for _ in range(5)]

    assert (codes.count(201), codes.count(429)) == (60, 40)


def test_a_class_behind_one_address_may_say_something_first(app: Flask) -> None:
    assert [Reader.of(app).send(POSTS, text="Hello.").status_code for _ in range(30)] == [303] * 30


def test_a_flood_from_many_addresses_has_an_end(app: Flask) -> None:
    codes = [Script.of(app, f"198.51.100.{n}").post(POSTS, text="flood").status_code for n in range(1, 251)]
    codes += [Script.of(app, f"203.0.113.{n}").post(POSTS, text="flood").status_code for n in range(1, 101)]

    assert (codes.count(201), codes.count(429)) == (300, 50)


def test_a_full_discussion_says_so(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posts, "MOST", 1)
    script.post(POSTS, text="the only one")

    answer = script.post(POSTS, text="one too many")

    assert "full" in told(answer, 429)["detail"]
    assert int(answer.headers["Retry-After"]) > 0
