"""The pages that there are, and the likeliest one for an address that leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from lessons import pages
from lessons.course import course


@pytest.fixture(autouse=True)
def house() -> Iterator[None]:
    """An application with a few of the pages."""
    app = Flask("house")
    for address in ("/", "/lessons", "/lessons/<slug>", "/cheat-sheet", "/decide", "/progress"):
        app.add_url_rule(address, endpoint=address, view_func=lambda **_: "")
    with app.app_context():
        yield


def nearest(asked: str) -> list[str]:
    return [page.address for page in pages.near(asked)]


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("/lesons", "/lessons"),
        ("/lessons/idempotence", "/lessons/idempotency"),
        ("/idempotency", "/lessons/idempotency"),
        ("/course/Crashes/", "/lessons/crashes"),
        ("/cheatsheet", "/cheat-sheet"),
        ("/progres", "/progress"),
    ],
)
def test_the_likeliest_page_comes_first(asked: str, meant: str) -> None:
    assert nearest(asked)[0] == meant


@pytest.mark.parametrize("asked", ["/", "/wp-login.php", "/%00", "/" + "a" * 5000, "/\x00", "/ä中😀"])
def test_a_strange_address_is_like_few_others(asked: str) -> None:
    assert len(nearest(asked)) <= 1


def test_a_page_that_this_house_does_not_have_is_not_named() -> None:
    assert nearest("/mondays") == []
    assert "/monday" not in [page.address for page in pages.public()]


def test_all_lessons_are_public_and_ones_own_pages_are_not() -> None:
    addresses = [page.address for page in pages.public()]

    assert {lesson.address for lesson in course().lessons} < {*addresses}
    assert "/progress" not in addresses


def test_an_address_is_quoted_without_what_nobody_can_see() -> None:
    assert pages.shown("/a\u202eb\x00") == "/a\ufffdb\ufffd"
    assert len(pages.shown("/" + "a" * 5000)) == pages.LONGEST_ASKED + 1
