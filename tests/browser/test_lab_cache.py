"""The lab of lesson 10 in a real browser: who makes the list, how often, and how long visitors wait."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.race import expect_no_sideways_scroll
from tests.product import Product

pytestmark = pytest.mark.browser

LESSON = "/lessons/warm-cache"
# Twelve seconds of visitors, and the last of them waits.
OVER_MS = 40_000


def bench(page: Page, product: Product) -> Locator:
    page.goto(product.url + LESSON)
    expect(page.locator("#lesson-cache-form")).to_be_visible()
    return page.locator("#lesson-lab")


def say(page: Page, kind: str, choice: str) -> None:
    page.locator(f"#lesson-lab-{kind}-{choice}").check(force=True)
    page.locator(f"#lesson-lab-{kind}-say").click()


def choose(page: Page, way: str) -> None:
    page.locator(f"#lesson-cache-{way}").check(force=True)
    page.locator("#lesson-cache-run").click()


def run(page: Page, way: str) -> None:
    """Run it until it is over; that it is running is seen before."""
    choose(page, way)
    expect(page.locator("#lesson-lab-poll")).to_be_attached()
    expect(page.locator("#lesson-lab-poll")).to_have_count(0, timeout=OVER_MS)


def test_predicted_run_observed_and_explained(page: Page, product: Product) -> None:
    lab = bench(page, product)
    say(page, "prediction", "one")
    expect(lab.locator("#lesson-lab-hint")).to_contain_text("You predicted: “One")

    run(page, "warm")
    expect(lab.locator("#lesson-lab-observation")).to_have_count(0)
    expect(lab.locator("#lesson-cache-table")).to_contain_text("0 of 120")
    run(page, "expiring")
    expect(lab.locator("path.cache-wait")).to_have_count(2)

    say(page, "observation", "one")
    told = lab.locator("#lesson-lab-observed")
    expect(told).to_be_focused()
    expect(told).to_contain_text("The record says otherwise.")
    expect(told).to_contain_text("requests made the same list at the same moment")
    expect(told).to_contain_text("Kept warm, a worker made it")
    lab.get_by_role("link", name="list of what sold best").click()
    expect(page.get_by_role("heading", name="What sold best")).to_be_visible()


@pytest.mark.soak
def test_without_javascript_one_looks_again(browser: Browser, product: Product) -> None:
    context = browser.new_context(java_script_enabled=False, reduced_motion="reduce")
    page = context.new_page()
    lab = bench(page, product)
    choose(page, "none")
    expect(lab.locator("#lesson-cache-runs")).to_contain_text("of 120")
    for _ in range(100):
        again = lab.locator("noscript a")
        if not again.count():
            break
        page.wait_for_timeout(200)
        again.click()
        page.wait_for_load_state()
    expect(lab.locator("#lesson-cache-table")).to_contain_text("120 of 120")
    context.close()


@pytest.fixture(params=["light", "dark"])
def narrow(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page as narrow as any, in one theme, without movement."""
    theme: Any = request.param
    context = browser.new_context(color_scheme=theme, reduced_motion="reduce", viewport={"width": 320, "height": 640})
    yield context.new_page()
    context.close()


@pytest.mark.soak
def test_axe_finds_nothing_and_nothing_scrolls_sideways(narrow: Page, product: Product) -> None:
    lab = bench(narrow, product)
    expect_fine(narrow)
    choose(narrow, "none")
    expect(lab.locator("#lesson-lab-poll")).to_be_attached()
    expect_fine(narrow)
    expect(lab.locator("#lesson-lab-poll")).to_have_count(0, timeout=OVER_MS)
    run(narrow, "expiring")
    run(narrow, "warm")
    expect_fine(narrow)


def expect_fine(page: Page) -> None:
    found = Axe().run(page, context="#lesson-lab")
    assert found.violations_count == 0, found.generate_report()
    expect_no_sideways_scroll(page)
