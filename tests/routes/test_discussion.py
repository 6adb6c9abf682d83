"""The discussion under a lesson, over HTTP: seen by all, newest last, reported, deleted, and in pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from lessons.course import course
from tests.routes.posting import Reader, Script, begin_anew, front_of_house, texts, told
from workers import posts, reports

FIRST, SECOND = course().lessons[:2]
POSTS = f"{FIRST.address}/posts"


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


def names(page: str) -> list[str]:
    return re.findall(r'class="post-head"><b>(.*?)</b>', page)


def test_a_post_is_seen_by_everybody_newest_last_under_a_made_up_name(app: Flask, reader: Reader) -> None:
    other = Reader.of(app)
    assert reader.send(POSTS, text="Why a wheel?").headers["Location"] == f"{FIRST.address}#voice"
    answer = other.send(POSTS, htmx=True, text="Because it turns.")
    reader.send(f"{SECOND.address}/posts", text="And here?")

    assert texts(answer.text) == ["Why a wheel?", "Because it turns."], "the whole list, not the own post alone"
    page = reader.open(FIRST.address)
    assert texts(page) == ["Why a wheel?", "Because it turns."]
    first, second = names(page)
    assert re.fullmatch(r"[A-Z][a-z]+ [a-z]+", first)
    assert first != second
    assert names(reader.open(SECOND.address)) != [first], "in another lesson she is somebody else"
    assert page.count("post-mine") == 1


def test_a_script_posts_and_reads_as_json(script: Script, app: Flask) -> None:
    posted = script.post(POSTS, text="From a script.")

    assert posted.status_code == 201
    made = posted.get_json()
    assert posted.headers["Location"] == made["links"]["self"]
    assert script.http.get(POSTS).get_json() == [made]
    assert (made["text"], made["mine"], made["hidden"]) == ("From a script.", True, False)
    assert "sandbox" not in made
    assert Script.of(app).http.get(POSTS).get_json() == [made | {"mine": False}]
    assert script.http.delete(made["links"]["self"]).status_code == 204
    assert script.http.get(POSTS).get_json() == []


def test_three_readers_reports_hide_a_post_from_all_but_its_author(app: Flask, reader: Reader) -> None:
    reader.send(POSTS, text="Buy my watch.")
    address = f"{POSTS}/{reports.to_review(1)[0].id}/reports"
    first, second, third = (Reader.of(app) for _ in range(3))

    for _ in range(3):
        first.send(address)
    assert "You reported this" in first.open(FIRST.address)
    assert "You reported this" not in second.open(FIRST.address)
    assert texts(second.send(address, htmx=True).text) == ["Buy my watch."], "two are not enough, however often"

    assert texts(third.send(address, htmx=True).text) == []
    assert texts(Reader.of(app).open(POSTS)) == []
    assert "you alone see it" in reader.open(FIRST.address)
    assert Reader.of(app).send(address).status_code == 404


def test_only_the_author_deletes_a_post(app: Flask, reader: Reader, script: Script) -> None:
    address = script.post(POSTS, text="Mine.").get_json()["links"]["self"]

    assert reader.send(f"{address}/deletion").status_code == 404
    told(Script.of(app).http.delete(address), 404)
    told(script.http.delete(address.replace(FIRST.slug, SECOND.slug)), 404)
    assert texts(reader.open(POSTS)) == ["Mine."]

    reader.send(POSTS, text="Hers.")
    hers = re.search(rf'action="({POSTS}/\d+/deletion)"', reader.open(FIRST.address))
    assert hers
    assert texts(reader.send(hers[1], htmx=True).text) == ["Mine."]


def test_fifty_are_shown_and_links_lead_to_the_earlier_ones(reader: Reader, script: Script) -> None:
    for number in range(120):
        posts.add(script.sandbox, FIRST.slug, ["Calm spoon"], f"post {number}")

    page = reader.open(FIRST.address)
    assert texts(page) == [f"post {number}" for number in range(70, 120)]
    earlier = re.search(rf'href="({POSTS}\?before=\d+)"', page)
    assert earlier
    older = reader.open(earlier[1])
    assert texts(older) == [f"post {number}" for number in range(20, 70)]
    assert f'href="{POSTS}"' in older
    assert earlier[1] in script.http.get(POSTS).headers["Link"]
    assert len(texts(reader.open(f"{POSTS}?before=21"))) <= 20


def test_a_page_of_long_posts_is_no_book(reader: Reader, script: Script) -> None:
    for _ in range(40):
        posts.add(script.sandbox, FIRST.slug, ["Calm spoon"], "x" * 2000)

    assert len(texts(reader.open(FIRST.address))) == 15
    assert "Earlier ones" in reader.open(FIRST.address)
