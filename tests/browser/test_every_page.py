"""Every page that a visitor can open, held against axe in both themes and both widths, and against a phone's screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from lessons.course import course
from lessons.pages import FIXED, OWN
from tests.browser.race import expect_no_sideways_scroll
from tests.browser.seeing import expect_no_violation
from tests.product import Product

pytestmark = pytest.mark.browser

ADDRESSES = (
    *(page.address for page in (*FIXED, *OWN)),
    *(lesson.address for lesson in course().lessons),
    *("/lessons/crashes/posts", "/decide?slow=yes", "/search?q=dead+letter", "/search?q=xyzzy", "/idempotence"),
    "/operator",
)


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.soak)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(browser: Browser, product: Product, width: int) -> None:
    size = {"width": width, "height": 800}
    context = browser.new_context(viewport=size, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    for address in ADDRESSES:
        page.goto(product.url + address)
        expect_no_violation(page)
        page.set_viewport_size({"width": min(width, 320), "height": 640})
        expect_no_sideways_scroll(page)
        page.set_viewport_size(size)  # type: ignore[arg-type]
    context.close()
