"""What a page weighs over the wire on its first view, and whether it asks another host for anything."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Playwright, Request

from lessons.course import course
from tests.bench import figures
from tests.browser.chromium import browser_or_skip
from tests.product import Product

pytestmark = pytest.mark.bench

PAGES = ("/", "/lessons", *(lesson.address for lesson in course().lessons), "/practice", "/cheat-sheet", "/progress")


@dataclass(frozen=True)
class Weight:
    """All requests of a first view: bytes over the wire with headers, bytes when unpacked, strange hosts."""

    requests: int
    wire: int
    unpacked: int
    strangers: int


def test_page_weights(product: Product, playwright: Playwright) -> None:
    with playwright.chromium.launch(**browser_or_skip(playwright)) as browser:
        weights = {path: weigh(browser, product, path) for path in PAGES}
    rows = [
        (path, weight.requests, kb(weight.wire), f"{weight.wire / weight.unpacked:.2f}", weight.strangers)
        for path, weight in weights.items()
    ]
    figures.show(
        "First view of a page, with an empty cache",
        ("page", "requests", "over the wire", "/ unpacked", "to other hosts"),
        rows,
        "Aim for a lesson: at most 150 KB, and nothing from another host.",
        "The alternative is the same page without compression.",
    )


def weigh(browser: Browser, product: Product, path: str) -> Weight:
    context = browser.new_context()
    page, asked = context.new_page(), list[Request]()
    page.on("requestfinished", lambda request: asked.append(request))  # noqa: PLW0108 (Playwright cannot wrap a builtin)
    page.goto(product.url + path, wait_until="networkidle")
    sizes = [request.sizes() for request in asked]
    responses = [request.response() for request in asked]
    weight = Weight(
        len(asked),
        sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes),
        sum(len(response.body()) for response in responses if response and response.ok),
        sum(urlsplit(request.url).netloc != urlsplit(product.url).netloc for request in asked),
    )
    context.close()
    return weight


def kb(size: int) -> str:
    return f"{size / 1000:.0f} KB"
