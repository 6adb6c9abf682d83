"""The reference pages over HTTP: for people, for scripts, and on paper."""

from __future__ import annotations

import re

import httpx
import pytest

from lessons import reference
from tests.lessons.test_sheet import words_of_sheet
from tests.routes.asking import Visitor
from tests.routes.reading import words

PAGES = ("/cheat-sheet", "/monday", "/about")


def test_the_page_has_the_words_that_the_pdf_has(visitor: Visitor) -> None:
    page = visitor.open("/cheat-sheet")
    sheet = page[page.index("<h1>") : page.index("</article>")]
    without_links = re.sub(r'<p class="sheet-lessons">.*?</p>', "", sheet, flags=re.DOTALL)

    apart = words(re.sub(r"</(?:h1|h2|p|li)>", " ", without_links))
    assert re.findall(r"[\w'’-]+", apart) == [word.replace("’", "'") for word in words_of_sheet()]


def test_the_pdf_is_one_page_and_may_be_kept(visitor: Visitor) -> None:
    answer = visitor.http.get("/cheat-sheet.pdf")

    assert answer.headers["Content-Type"] == "application/pdf"
    assert len(re.findall(rb"/Type /Page\b", answer.content)) == 1
    assert "max-age" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    assert 'href="/cheat-sheet.pdf"' in visitor.open("/cheat-sheet")


def test_monday_says_all_of_it_and_links_to_lessons(visitor: Visitor) -> None:
    page = visitor.open("/monday")

    for reader in reference.monday().readers:
        assert f'id="{reader.id}"' in page
        assert all(words(reference.plain(thing.why)) in words(page) for thing in reader.things)
        assert all(f'href="/lessons/{each.lesson}"' in page for each in reader.next)


def test_about_says_what_is_padded_and_what_is_kept(visitor: Visitor) -> None:
    page = words(visitor.open("/about"))

    assert "waits until it has lasted as long as in the story" in page
    assert "One cookie." in page
    assert "MIT" in page


@pytest.mark.parametrize("address", PAGES)
def test_every_link_of_a_page_leads_somewhere(visitor: Visitor, address: str) -> None:
    page = visitor.open(address)
    ids = set(re.findall(r' id="([^"]+)"', page))

    for link in set(re.findall(r'<a[^>]* href="([^"]+)"', page)):
        path, _, fragment = link.partition("#")
        assert visitor.http.get(path or address).status_code == 200, link
        assert path or fragment in ids, link


@pytest.mark.parametrize("address", PAGES)
def test_a_script_gets_the_same_content(nobody: httpx.Client, address: str) -> None:
    told = nobody.get(address).json()

    assert {"title", "lead"} < set(told)


@pytest.mark.parametrize("address", [*PAGES, "/cheat-sheet.pdf"])
def test_nothing_can_be_sent_to_a_page(visitor: Visitor, address: str) -> None:
    assert visitor.send(address, title="mine").status_code == 405
    assert visitor.http.get(f"{address}?title=mine&x=%ff%00").status_code == 200
