"""The operator's page: who gets in, what is to be seen, and what can be done about it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from flask import Flask

from lessons.course import course
from lessons.routes import operator
from tests.routes.posting import Reader, Script, begin_anew, front_of_house, operator_secret, told
from workers import posts, remarks, reports
from workers.settings import current

FIRST, SECOND = course().lessons[:2]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with front_of_house(tmp_path_factory.mktemp("front")) as made:
        yield made


@pytest.fixture(autouse=True)
def _anew(app: Flask) -> None:
    begin_anew()


@pytest.fixture
def somebody(app: Flask) -> Reader:
    return Reader.of(app)


@pytest.fixture
def moderator(app: Flask) -> Reader:
    """Somebody who knows the secret and has signed in."""
    person = Reader.of(app)
    assert person.send("/operator/session", secret=operator_secret()).status_code == 303
    return person


def posted(app: Flask, text: str, times: int = 0) -> int:
    """A post that so many readers reported; its id."""
    post = posts.add(Script.of(app).sandbox, FIRST.slug, ["Calm spoon"], text)
    for _ in range(times):
        reports.report(Script.of(app).sandbox, FIRST.slug, post.id)
    return post.id


def shown(page: str) -> list[str]:
    return re.findall(r'class="post-text" dir="auto">(.*?)</p>', page, re.DOTALL)


def test_nobody_sees_anything_without_the_secret(app: Flask, somebody: Reader) -> None:
    number = posted(app, "A secret thought.", times=1)

    page = somebody.open("/operator")
    assert "A secret thought." not in page
    assert 'type="password"' in page
    for act in operator.ACTS:
        answer = somebody.send(f"/operator/posts/{number}/{act}")
        assert answer.status_code == 401
        assert 'type="password"' in answer.text
    assert [post.hidden_at for post in reports.to_review(9)] == [None]


@pytest.mark.parametrize("secret", ["wrong", "ünïcode", "\x00", "x" * 500])
def test_a_wrong_secret_is_told_so_with_the_form(somebody: Reader, secret: str) -> None:
    answer = somebody.send("/operator/session", secret=secret)

    assert answer.status_code == 401
    assert "not the secret" in answer.text
    assert 'type="password"' in answer.text
    assert operator_secret() not in answer.text


def test_a_secret_that_is_none_is_a_wrong_field(app: Flask, somebody: Reader) -> None:
    assert somebody.send("/operator/session").status_code == 422
    assert somebody.send("/operator/session", secret="x" * 501).status_code == 422
    assert somebody.send("/operator/session", secret=operator_secret(), more="1").status_code == 422
    (error,) = told(Script.of(app).post("/operator/session", secret=7), 422)["errors"]
    assert error["field"] == "secret"


def test_guessing_is_slow(somebody: Reader) -> None:
    codes = [somebody.send("/operator/session", secret=f"guess {n}").status_code for n in range(8)]

    assert codes == [401] * 5 + [429] * 3
    assert somebody.send("/operator/session", secret=operator_secret()).headers["Retry-After"]


def test_a_token_or_the_secret_as_a_token_opens_nothing(app: Flask) -> None:
    script = Script.of(app)
    told(script.http.get("/operator"), 401)
    told(script.http.get("/operator", headers={"Authorization": f"Bearer {operator_secret()}"}), 401)
    told(script.post("/operator/posts/1/deletion"), 401)


def test_a_page_of_somebody_else_cannot_act_for_the_operator(app: Flask, moderator: Reader) -> None:
    number = posted(app, "Still here.")

    assert moderator.http.post(f"/operator/posts/{number}/deletion").status_code == 400
    assert shown(moderator.open("/operator")) == ["Still here."]


def test_hidden_posts_come_first_then_reported_ones_then_the_newest(app: Flask, moderator: Reader) -> None:
    posted(app, "hidden", times=3)
    posted(app, "reported", times=2)
    posted(app, "old")
    posted(app, "new")

    page = moderator.open("/operator")

    assert shown(page) == ["hidden", "reported", "new", "old"]
    assert "3 reports" in page
    assert FIRST.front.title in page


def test_a_post_is_hidden_shown_again_and_deleted(app: Flask, moderator: Reader, somebody: Reader) -> None:
    number = posted(app, "Is this right?", times=2)
    place = f"/operator/posts/{number}"

    assert moderator.send(f"{place}/hiding").headers["Location"] == "/operator#posts"
    assert shown(somebody.open(FIRST.address)) == []
    moderator.send(f"{place}/showing")
    assert shown(somebody.open(FIRST.address)) == ["Is this right?"]
    reports.report(Script.of(app).sandbox, FIRST.slug, number)
    assert shown(somebody.open(FIRST.address)) == ["Is this right?"], "its old reports are dropped"
    moderator.send(f"{place}/deletion")
    assert shown(moderator.open("/operator")) == []
    for act in operator.ACTS:
        assert moderator.send(f"{place}/{act}").status_code == 404


@pytest.mark.parametrize("place", ["x/hiding", "1/nonsense", f"{10**30}/deletion", "-1/hiding", "0/showing"])
def test_a_strange_address_is_not_found(moderator: Reader, place: str) -> None:
    assert moderator.send(f"/operator/posts/{place}").status_code == 404


def test_remarks_are_shown_and_counted_by_lesson(app: Flask, moderator: Reader) -> None:
    for helped, said in ((True, "Clear."), (True, None), (False, "<b>Too long</b>")):
        remarks.keep(Script.of(app).sandbox, SECOND.slug, helped, said)

    page = moderator.open("/operator")

    assert shown(page) == ["&lt;b&gt;Too long&lt;/b&gt;", "Clear."]
    assert '<td data-name="Yes">2</td><td data-name="No">1</td>' in page


def test_the_operator_signs_out(moderator: Reader) -> None:
    assert moderator.send("/operator/session/deletion").status_code == 303

    assert 'type="password"' in moderator.open("/operator")


def test_signing_in_is_over_after_half_a_day(moderator: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + operator.SIGNED_IN_FOR_S + 1)

    assert 'type="password"' in moderator.open("/operator")


def test_with_a_new_secret_nobody_is_signed_in(moderator: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPERATOR_SECRET", "another one")
    current.cache_clear()

    assert 'type="password"' in moderator.open("/operator")


def test_the_page_is_nobodys_to_keep_or_to_index(moderator: Reader) -> None:
    headers = moderator.http.get("/operator").headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"
