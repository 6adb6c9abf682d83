"""The lab of lesson 10 in a real browser: who makes the list, how often, and how long visitors wait."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.labs import expect_fine, look_until_over, say
from tests.product import Product

pytestmark = pytest.mark.browser

LESSON = "/lessons/warm-cache"
# Twelve seconds of visitors, and the last of them waits.
OVER_MS = 40_000


def bench(page: Page, product: Product) -> Locator:
    page.goto(product.url + LESSON)
    expect(page.locator("#lesson-cache-form")).to_be_visible()
    return page.locator("#lesson-lab")


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
    look_until_over(page)
    expect(lab.locator("#lesson-cache-table")).to_contain_text("120 of 120")
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
