"""The lab of lesson 3 in a real browser: predict, run with few and with many workers, observe, and read why."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.labs import expect_fine, look_until_over, say
from tests.product import Product

pytestmark = pytest.mark.browser

LESSON = "/lessons/the-queue"
# With eight workers the twenty orders take four seconds.
OVER_MS = 40_000


def bench(page: Page, product: Product) -> Locator:
    page.goto(product.url + LESSON)
    expect(page.locator("#lesson-scale-form")).to_be_visible()
    return page.locator("#lesson-lab")


def run(page: Page, workers: int) -> None:
    # The radio lies over its number without being seen.
    page.locator(f"#lesson-scale-{workers}").check(force=True)
    page.locator("#lesson-scale-run").click()


def expect_done(lab: Locator, workers: int) -> None:
    row = lab.locator(".scale-table tbody tr").filter(has_text=f"{workers} workers")
    expect(row).to_contain_text("20 of 20", timeout=OVER_MS)
    expect(lab.locator("#lesson-lab-poll")).to_have_count(0, timeout=OVER_MS)


def test_predicted_run_twice_observed_and_explained(page: Page, product: Product) -> None:
    lab = bench(page, product)
    say(page, "prediction", "less")
    expect(lab.locator("#lesson-lab-hint")).to_contain_text("You predicted: “It falls to about a tenth”")
    say(page, "prediction", "same")
    expect(lab.locator("#lesson-lab-hint")).to_contain_text("more orders are worked on at once")

    run(page, 4)
    expect(lab.locator("#lesson-lab-predicted")).to_contain_text("You predicted")
    expect(lab.locator("#lesson-scale-hands")).to_contain_text("pid")
    expect_done(lab, 4)
    expect(lab.locator("#lesson-lab-observation")).to_have_count(0)
    run(page, 8)
    expect_done(lab, 8)
    expect(lab.locator("#lesson-scale-ratio")).to_contain_text("8 workers, ")
    expect(lab.locator("#lesson-scale-ratio")).to_contain_text("are 3 rounds of")

    say(page, "observation", "same")
    told = lab.locator("#lesson-lab-observed")
    expect(told).to_be_focused()
    expect(told).to_contain_text("You predicted: It stays about the same")
    expect(told).to_contain_text("You saw: It took about as long")
    expect(told).to_contain_text("with 8 workers")


@pytest.mark.soak
def test_a_run_takes_neither_focus_nor_choice_nor_the_open_hints(page: Page, product: Product) -> None:
    lab = bench(page, product)
    run(page, 8)
    expect(lab.locator("#lesson-lab-poll")).to_be_attached()
    expect(page.locator("#lesson-scale-run")).to_be_focused()
    page.locator("#lesson-hints summary").click()
    page.locator("#lesson-scale-10").check(force=True)

    expect_done(lab, 8)
    expect(page.locator("#lesson-scale-10")).to_be_focused()
    expect(page.locator("#lesson-scale-10")).to_be_checked()
    expect(page.locator("#lesson-hints li").first).to_be_visible()


@pytest.mark.soak
def test_a_second_run_while_one_goes_on_is_answered_with_the_limit(page: Page, product: Product) -> None:
    lab = bench(page, product)
    run(page, 8)
    expect(lab.locator("#lesson-lab-poll")).to_be_attached()
    page.locator("#lesson-scale-run").press("Enter")  # it says that it is disabled, and can be pressed all the same

    expect(page.locator("#notices")).to_contain_text("runs at a time")
    expect_done(lab, 8)


@pytest.mark.soak
def test_without_javascript_one_looks_again(browser: Browser, product: Product) -> None:
    context = browser.new_context(java_script_enabled=False, reduced_motion="reduce")
    page = context.new_page()
    lab = bench(page, product)
    say(page, "prediction", "same")
    expect(lab.locator("#lesson-lab-hint")).to_contain_text("You predicted")
    for workers in (8, 10):
        run(page, workers)
        expect(lab.locator("#lesson-lab-bench")).to_contain_text("still at work")
        assert page.url.endswith(f"{LESSON}#lesson-lab")
        look_until_over(page)
    say(page, "observation", "less")

    expect(lab.locator("#lesson-lab-observed")).to_contain_text("The record says otherwise.")
    context.close()


@pytest.mark.soak
def test_axe_finds_nothing_and_nothing_scrolls_sideways(narrow: Page, product: Product) -> None:
    lab = bench(narrow, product)
    expect_fine(narrow)
    run(narrow, 8)
    expect(lab.locator("#lesson-scale-hands")).to_be_visible()
    expect_fine(narrow)
    expect_done(lab, 8)
    run(narrow, 10)
    expect_done(lab, 10)
    expect_fine(narrow)
    say(narrow, "observation", "more")
    expect(lab.locator("#lesson-lab-observed")).to_be_visible()
    expect_fine(narrow)
