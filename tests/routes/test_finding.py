"""Finding one's way over HTTP: the decision helper, search, the sitemap, previews, and the page that is not there."""

from __future__ import annotations

import html
import re
from itertools import product as combinations
from xml.etree import ElementTree

import httpx
import pytest

from lessons import decide
from lessons.course import course
from tests.routes.asking import Visitor, problem, wrong_fields
from tests.routes.reading import leaks, words

EIGHT = [dict(zip(("needed_now", "slow", "silent"), a, strict=True)) for a in combinations(("yes", "no"), repeat=3)]
OPTIONS = [option for lesson in course().lessons for question in lesson.questions for option in question.options]


def title_of(page: str) -> str:
    return html.unescape(page.partition("<title>")[2].partition("</title>")[0])


@pytest.mark.parametrize("answers", EIGHT, ids=lambda answers: " ".join(answers.values()))
def test_a_verdict_has_its_title_and_quotes_every_answer(visitor: Visitor, answers: dict[str, str]) -> None:
    verdict = decide.operation(answers).verdict
    address = str(httpx.URL("/decide", params={"name": "Send <b>it</b>", **answers}))
    page = visitor.open(address)

    assert verdict
    assert title_of(page) == f"Send <b>it</b>: {verdict.title.lower()} · Ticketwheel"
    assert "<b>it</b>" not in page
    for reason in decide.operation(answers).reasons:
        assert f"{reason.question.text} {reason.answer.capitalize()}. {words(reason.text)}" in words(
            page.replace("</dt>", " ")
        ).replace("  ", " ")
        assert re.search(rf'name="{reason.question.id}" value="{reason.answer}" required checked', page)
    assert all(f'href="/lessons/{slug}"' in page for slug in verdict.lessons)


def test_a_script_gets_the_verdict_too(nobody: httpx.Client) -> None:
    told = nobody.get("/decide", params={"needed_now": "no", "slow": "yes", "silent": "no"}).json()

    assert (told["verdict"], told["missing"]) == ("careful", [])
    assert [reason["answer"] for reason in told["reasons"]] == ["no", "yes", "no"]
    assert "/lessons/retries" in told["links"]["lessons"]


def test_without_answers_it_asks_and_with_some_it_asks_for_the_rest(visitor: Visitor, nobody: httpx.Client) -> None:
    assert "Still to answer" not in visitor.open("/decide")

    page = visitor.open("/decide?slow=yes&name=Post")
    missing = words(re.search(r'<p class="decide-missing".*?</p>', page, re.DOTALL)[0])  # type: ignore[index]
    assert missing == "Still to answer: Is the result needed now? Can it fail without the user knowing?"
    assert re.search(r'name="slow" value="yes" required checked', page)
    assert 'value="Post"' in page
    assert nobody.get("/decide?slow=yes").json()["missing"] == ["needed_now", "silent"]


@pytest.mark.parametrize(
    ("address", "wrong", "allowed"),
    [
        ("/decide?slow=perhaps", "slow", "yes, no"),
        ("/decide?silent=%00", "silent", "yes, no"),
        ("/decide?needed_now=%ff", "needed_now", "yes, no"),
        ("/decide?name=" + "x" * 81, "name", "at most 80 characters"),
        ("/search?q=" + "x" * 101, "q", "at most 100 characters"),
    ],
)
def test_a_wrong_field_is_named_with_what_is_allowed(
    visitor: Visitor, nobody: httpx.Client, address: str, wrong: str, allowed: str
) -> None:
    page = visitor.http.get(address)

    assert page.status_code == 422
    assert f"<code>{wrong}</code>" in page.text
    assert f"Allowed: {allowed}." in words(page.text)
    assert f'href="{address.partition("?")[0]}"' in page.text
    assert wrong_fields(nobody.get(address)) == {wrong}


def test_a_found_word_is_marked_and_its_place_is_linked(visitor: Visitor) -> None:
    page = visitor.open("/search?q=outbox")

    assert title_of(page) == "outbox: search · Ticketwheel"
    assert "<mark>outbox</mark>" in page
    for address in re.findall(r'<h2><a href="([^"]+)"', page):
        path, _, fragment = address.partition("#")
        assert not fragment or f'id="{fragment}"' in visitor.open(path)


def test_a_script_gets_results_as_json(nobody: httpx.Client) -> None:
    found = nobody.get("/search", params={"q": "outbox"}).json()

    assert found
    assert all(set(each) == {"title", "excerpt", "links"} for each in found)
    assert "outbox" in found[0]["excerpt"].lower()
    assert nobody.get("/search").json() == []


def test_without_a_word_there_is_the_form_and_without_a_hit_a_way_on(visitor: Visitor) -> None:
    for address in ("/search", "/search?q=", "/search?q=%20%09"):
        assert 'name="q"' in visitor.open(address)
        assert "Nothing was found" not in visitor.open(address)
    page = visitor.open("/search?q=xyzzy")
    assert "Nothing was found" in page
    assert 'href="/lessons"' in page


@pytest.mark.parametrize(
    "asked", ["<script>x</script>", "{{ 7*7 }}", "[a-", "(a+)+$", "%", "\x00\u202eb", "'\"", "ß😀"]
)
def test_a_query_is_never_more_than_text(visitor: Visitor, asked: str) -> None:
    answer = visitor.http.get("/search", params={"q": asked})

    assert answer.status_code == 200
    assert "<script>x" not in answer.text
    assert "49" not in title_of(answer.text)
    assert "\u202e" not in answer.text


def test_what_a_quick_check_knows_is_not_found(nobody: httpx.Client) -> None:
    for option in OPTIONS:
        for said in (option.feedback, option.belief):
            answer = nobody.get("/search", params={"q": said[:100]})
            assert leaks(answer.text, [option]) == []


def test_the_sitemap_names_every_public_page_by_this_host(visitor: Visitor) -> None:
    answer = visitor.http.get("/sitemap.xml")
    found = [each.text or "" for each in ElementTree.fromstring(answer.content).iter() if each.tag.endswith("loc")]

    assert answer.headers["Content-Type"].startswith("application/xml")
    assert len(found) == len(set(found)) > len(course().lessons)
    for address in found:
        assert address.startswith(str(visitor.http.base_url))
        assert visitor.http.get(address).status_code == 200
    paths = {httpx.URL(address).path for address in found}
    assert {"/", "/lessons", "/cheat-sheet", "/decide", "/monday", "/about"} <= paths


def test_robots_may_read_the_pages_and_no_sandbox(visitor: Visitor) -> None:
    lines = visitor.open("/robots.txt").splitlines()

    assert {"Disallow: /sandboxes/", "Disallow: /control-room", "Disallow: /operator", "Allow: /"} <= set(lines)
    assert f"Sitemap: {visitor.http.base_url.join('/sitemap.xml')}" in lines


@pytest.mark.parametrize("address", ["/", "/lessons", "/cheat-sheet", "/decide?needed_now=no&slow=no&silent=no"])
def test_a_link_to_a_page_has_a_preview(visitor: Visitor, address: str) -> None:
    page = visitor.open(address)
    told = {
        name: html.unescape(said) for name, said in re.findall(r'<meta property="og:(\S+)" content="([^"]*)"', page)
    }

    assert told["title"] == title_of(page)
    assert told["description"]
    assert told["url"] == str(visitor.http.base_url.join(address))
    picture = visitor.http.get(told["image"])
    assert picture.headers["Content-Type"] == "image/png"
    assert "max-age=604800" in picture.headers["Cache-Control"]
    assert 'name="twitter:card"' in page


def test_a_page_that_is_not_there_helps(visitor: Visitor, nobody: httpx.Client) -> None:
    answer = visitor.http.get("/idempotence")

    assert answer.status_code == 404
    assert "You asked for /idempotence." in words(answer.text)
    assert 'href="/lessons/idempotency"' in answer.text
    assert 'name="q"' in answer.text
    assert all(f'href="{address}"' in answer.text for address in ("/", "/lessons", "/practice"))
    assert set(problem(nobody.get("/idempotence"), 404)) == {"type", "status", "title", "detail", "remedy"}


@pytest.mark.parametrize("address", ["/<b>x</b>", "/%00", "/%e2%80%ae", "/%ff", "/" + "a" * 5000, "/{{7*7}}"])
def test_a_strange_address_is_quoted_harmlessly(visitor: Visitor, address: str) -> None:
    answer = visitor.http.get(address)

    assert answer.status_code in (400, 404)
    assert "<b>x" not in answer.text
    assert "\u202e" not in answer.text
    assert len(answer.text) < 20_000
