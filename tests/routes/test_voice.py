"""Whether a lesson helped, over HTTP, who may say anything, and the switch that turns the discussion off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from lessons.course import course
from tests.routes.posting import Reader, Script, begin_anew, front_of_house, texts, told
from workers.settings import current

FIRST, SECOND = course().lessons[:2]
POSTS, REMARKS = f"{FIRST.address}/posts", f"{FIRST.address}/remarks"


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


def test_whether_it_helped_is_kept_shown_back_and_changed(reader: Reader) -> None:
    answer = reader.send(REMARKS, helpful="yes", remark="The ticket\r\nis what I needed.")

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{FIRST.address}#voice")
    page = reader.open(FIRST.address)
    assert "You said yes" in page
    assert "The ticket\nis what I needed.</textarea>" in page
    assert "You said" not in reader.open(SECOND.address)

    reader.send(REMARKS, helpful="no")
    page = reader.open(FIRST.address)
    assert "You said no" in page
    assert "The ticket" not in page


def test_a_word_can_be_taken_back(reader: Reader, script: Script) -> None:
    reader.send(REMARKS, helpful="yes")
    assert reader.send(f"{REMARKS}/deletion").status_code == 303
    assert "You said" not in reader.open(FIRST.address)

    said = script.post(REMARKS, helpful=False, remark="Too long.").get_json()
    assert (said["helpful"], said["remark"]) == (False, "Too long.")
    assert script.http.delete(REMARKS).status_code == 204
    assert script.http.delete(REMARKS).status_code == 204


def test_htmx_gets_the_part_that_it_asked_for(reader: Reader) -> None:
    helpful = reader.send(REMARKS, htmx=True, helpful="yes").text
    post = reader.send(POSTS, htmx=True, text="Why a wheel?").text

    assert helpful.lstrip().startswith("<section")
    assert 'id="helpful"' in helpful
    assert 'id="discussion"' not in helpful
    assert post.lstrip().startswith("<section")
    assert 'id="discussion"' in post
    assert texts(post) == ["Why a wheel?"]
    assert "Why a wheel?" not in post[post.index('name="text"') :], "the form is empty again"


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, "helpful"),
        ({"helpful": "yes"}, "helpful"),  # a form's word; JSON has true and false
        ({"helpful": None}, "helpful"),
        ({"helpful": True, "remark": "x" * 1001}, "remark"),
        ({"helpful": True, "remark": 1}, "remark"),
        ({"helpful": True, "stars": 5}, "stars"),
    ],
)
def test_a_wrong_remark_is_named_with_what_is_allowed(script: Script, body: Any, wrong: str) -> None:
    (error,) = told(script.http.post(REMARKS, json=body), 422)["errors"]

    assert (error["field"], bool(error["allowed"])) == (wrong, True)


def test_looking_makes_no_sandbox_and_deleting_nothing_neither(reader: Reader) -> None:
    reader.open(FIRST.address)
    reader.open(POSTS)
    reader.send(f"{REMARKS}/deletion")

    with reader.http.session_transaction() as session:
        assert "sandbox" not in session


def test_who_may_not_speak_is_told_so(app: Flask, reader: Reader) -> None:
    nobody = app.test_client()
    nobody.environ_base["HTTP_ACCEPT"] = "application/json"
    for address in (POSTS, REMARKS, f"{POSTS}/1/reports", f"{POSTS}/1/deletion", f"{REMARKS}/deletion"):
        told(nobody.post(address, json={}), 401)
        reader.open(FIRST.address)
        assert reader.http.post(address, data={"text": "x", "helpful": "yes"}).status_code == 400
    told(nobody.get("/lessons/nowhere/posts"), 404)
    assert reader.send("/lessons/nowhere/posts", text="x").status_code == 404
    assert reader.send("/lessons/nowhere/remarks", helpful="yes").status_code == 404


@pytest.mark.parametrize("off", ["off", "0", "false"])
def test_the_discussion_can_be_turned_off_and_the_question_stays(
    app: Flask, reader: Reader, script: Script, monkeypatch: pytest.MonkeyPatch, off: str
) -> None:
    script.post(POSTS, text="Before it was turned off.")
    monkeypatch.setenv("DISCUSSION", off)
    current.cache_clear()

    page = reader.open(FIRST.address)
    assert "Was this helpful?" in page
    assert 'id="discussion"' not in page
    assert reader.send(REMARKS, helpful="yes").status_code == 303
    for answer in (
        script.http.get(POSTS),
        script.post(POSTS, text="x"),
        script.post(f"{POSTS}/1/reports"),
        script.http.delete(f"{POSTS}/1"),
    ):
        assert "turned off" in told(answer, 404)["detail"]
