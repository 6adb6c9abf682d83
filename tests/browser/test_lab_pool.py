"""The lab of lesson 8 in a real browser: more workers than connections carry, and the record that says why."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.labs import expect_fine, look_until_over, say
from tests.product import Product

pytestmark = pytest.mark.browser

LESSON = "/lessons/connections"
OVER_MS = 70_000


def bench(page: Page, product: Product) -> Locator:
    page.goto(product.url + LESSON)
    expect(page.locator("#lesson-pool-form")).to_be_visible()
    return page.locator("#lesson-lab")


def choose(page: Page, connections: int, workers: int) -> None:
    # The radio lies over its number without being seen.
    page.locator(f"#lesson-pool-connections-{connections}").check(force=True)
    page.locator(f"#lesson-pool-workers-{workers}").check(force=True)
    page.locator("#lesson-pool-run").click()


def run(page: Page, connections: int, workers: int) -> None:
    """Run it until it is over; that it is running is seen before."""
    choose(page, connections, workers)
    row = page.locator("#lesson-pool-table tbody tr").filter(has_text=f"{connections} for {workers} workers")
    expect(row).to_contain_text("of 24", timeout=OVER_MS)
    expect(page.locator("#lesson-lab-poll")).to_have_count(0, timeout=OVER_MS)


def test_predicted_run_observed_and_explained(page: Page, product: Product) -> None:
    lab = bench(page, product)
    say(page, "prediction", "double")
    expect(lab.locator("#lesson-lab-hint")).to_contain_text("You predicted: “They double")

    run(page, 2, 4)
    run(page, 2, 8)
    expect(lab.locator("#lesson-lab-observation")).to_have_count(0)
    run(page, 2, 12)
    expect(lab.locator(".pool-dot")).to_have_count(3)

    say(page, "observation", "most")
    told = lab.locator("#lesson-lab-observed")
    expect(told).to_be_focused()
    expect(told).to_contain_text("The record says otherwise.")
    expect(told).to_contain_text("work for 4.9 workers")
    expect(told).to_contain_text("waits were in vain")


@pytest.mark.soak
def test_without_javascript_one_looks_again(browser: Browser, product: Product) -> None:
    context = browser.new_context(java_script_enabled=False, reduced_motion="reduce")
    page = context.new_page()
    lab = bench(page, product)
    choose(page, 12, 12)
    expect(lab.locator("#lesson-pool-table")).to_contain_text("goes on")
    look_until_over(page)
    expect(lab.locator("#lesson-pool-table")).to_contain_text("24 of 24")
    context.close()


@pytest.mark.soak
def test_axe_finds_nothing_and_nothing_scrolls_sideways(narrow: Page, product: Product) -> None:
    lab = bench(narrow, product)
    expect_fine(narrow)
    choose(narrow, 2, 12)
    expect(lab.locator("#lesson-lab-poll")).to_be_attached()
    expect_fine(narrow)
    expect(lab.locator("#lesson-lab-poll")).to_have_count(0, timeout=OVER_MS)
    run(narrow, 2, 8)
    run(narrow, 4, 8)
    expect_fine(narrow)
