"""The reference pages in a real browser: on paper, without JavaScript, in every theme and width."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.race import expect_no_sideways_scroll
from tests.product import Product

pytestmark = pytest.mark.browser

VERDICT = "/decide?name=Send+the+newsletter&needed_now=no&slow=yes&silent=no"
PAGES = (
    *("/cheat-sheet", "/monday", "/about", "/decide", "/decide?slow=yes", VERDICT, "/decide?slow=perhaps"),
    *("/search", "/search?q=dead+letter", "/search?q=xyzzy", "/idempotence"),
)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_cheat_sheet_is_printed_on_one_a4_page(browser: Browser, product: Product, theme: Any) -> None:
    page = browser.new_page(color_scheme=theme)
    page.goto(f"{product.url}/cheat-sheet")

    papers: tuple[dict[str, Any], ...] = ({"prefer_css_page_size": True}, {"format": "A4"})
    for paper in papers:
        assert len(re.findall(rb"/Type /Page\b", page.pdf(**paper))) == 1
    page.emulate_media(media="print")
    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator(".sheet-lessons").first).to_be_hidden()
    page.close()


def test_three_answers_bring_a_verdict_without_javascript(browser: Browser, product: Product) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{product.url}/decide")
    page.get_by_label("What is it called?").fill("Send the newsletter")
    for question, answer in (("needed now", "no"), ("over 100 ms", "yes"), ("without the user", "yes")):
        page.get_by_role("group", name=question).get_by_label(answer).check(force=True)
    page.get_by_role("button", name="Give me a verdict").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("A great candidate for a queue")
    expect(page).to_have_title("Send the newsletter: a great candidate for a queue · Ticketwheel")
    expect(page.get_by_label("What is it called?")).to_have_value("Send the newsletter")
    page.goto(page.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("A great candidate for a queue")
    context.close()


def test_who_is_lost_can_search_from_there(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/idempotence")
    page.get_by_label("Search the course").fill("jitter")
    page.get_by_role("button", name="Search").click()

    expect(page.locator("mark").first).to_have_text(re.compile("jitter", re.IGNORECASE))
    page.locator(".result a").first.click()
    expect(page).to_have_url(re.compile("/lessons/retries#"))


@pytest.mark.soak
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_nothing_scrolls_sideways(browser: Browser, product: Product, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 640})
    for address in (*PAGES, f"/search?q={'w' * 100}", f"/decide?name={'w' * 80}&{VERDICT.partition('&')[2]}"):
        page.goto(product.url + address)
        expect_no_sideways_scroll(page)
    page.close()
