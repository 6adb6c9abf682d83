"""The pages that everybody may visit: for the sitemap, and for whoever asked for one that is not there."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import NamedTuple

from flask import current_app

from lessons.course import course

LONGEST_ASKED = 120
LIKE, MOST = 0.6, 3


class Page(NamedTuple):
    address: str
    title: str


FIXED = (
    Page("/", "The race"),
    Page("/lessons", "The course"),
    Page("/practice", "Practice"),
    Page("/cheat-sheet", "Cheat sheet"),
    Page("/decide", "Now or later: the decision helper"),
    Page("/monday", "What to do on Monday"),
    Page("/about", "About Ticketwheel"),
)
# One's own, so that no search engine need know of them.
OWN = (
    Page("/control-room", "Control room"),
    Page("/experiments", "The answer key, proven"),
    Page("/progress", "Your progress"),
    Page("/search", "Search"),
)


def public() -> list[Page]:
    """Those that are the same for everybody, the lessons among them."""
    lessons = [Page(lesson.address, lesson.front.title) for lesson in course().lessons]
    return [page for page in FIXED if exists(page.address)] + lessons


def exists(address: str) -> bool:
    """Whether a GET of this address would find a route."""
    return current_app.url_map.bind("").test(address, "GET")


def shown(asked: str) -> str:
    """An address as it can be quoted on a page: not endless, and without characters that nobody sees."""
    cut = asked if len(asked) <= LONGEST_ASKED else f"{asked[:LONGEST_ASKED]}…"
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in cut)


def near(asked: str) -> list[Page]:
    """The likeliest pages for an address that leads nowhere, best first."""
    known = public() + [page for page in OWN if exists(page.address)]
    wanted = asked[:LONGEST_ASKED].lower()
    ranked = sorted(((_likeness(wanted, page.address), page) for page in known), key=lambda pair: -pair[0])
    return [page for likeness, page in ranked[:MOST] if likeness >= LIKE]


def _likeness(wanted: str, address: str) -> float:
    """From 0 to 1; a right last part in the wrong folder is as good as the whole."""
    whole = SequenceMatcher(None, wanted.strip("/"), address.strip("/")).ratio()
    last = SequenceMatcher(None, _last(wanted), _last(address)).ratio()
    return max(whole, last)


def _last(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2]
