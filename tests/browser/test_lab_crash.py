"""The first lab of lesson 4 in a real browser: predict, kill a worker, watch the time-out run, observe, read why."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.labs import look_until_over, say
from tests.browser.race import expect_no_sideways_scroll
from tests.browser.seeing import expect_no_violation
from tests.product import Product

pytestmark = pytest.mark.browser

LESSON = "/lessons/crashes"
# A kill, a time-out of 2 s and all seven steps again: 7 s on an idle machine.
OVER_MS = 40_000


def bench(page: Page, product: Product) -> Locator:
    page.goto(product.url + LESSON)
    expect(page.locator("#lesson-crash-form")).to_be_visible()
    return page.locator("#lesson-lab")


def choose(page: Page, name: str) -> None:
    # The radio lies over its words without being seen.
    page.locator(f"#lesson-crash-{name}").check(force=True)


def run(page: Page) -> None:
    page.get_by_role("button", name="Place an order").click()


def test_a_killed_worker_s_order_is_predicted_watched_and_explained(page: Page, product: Product) -> None:
    lab = bench(page, product)
    say(page, "prediction", "at-once")
    expect(lab.locator("#lesson-lab-hint")).to_contain_text("You predicted")
    page.locator("#lesson-crash-place").select_option("in:pdf")
    run(page)

    expect(lab.locator(".story-counting")).to_contain_text("left", timeout=OVER_MS)
    expect(lab.locator("#lesson-lab-observation")).to_be_visible(timeout=OVER_MS)
    expect(lab.locator("#lesson-crash-judges dd").first).to_have_text("2")
    expect(lab.locator("#lesson-crash-told")).to_contain_text("in the middle of “make the receipt”")
    expect(lab.locator("#lesson-crash-told")).to_contain_text("later the time-out was over")
    expect(lab.locator(".lab-task-done")).to_contain_text(["Acknowledge late, and kill"])

    say(page, "observation", "first")
    expect(lab.locator("#lesson-lab-observed")).to_contain_text("The record agrees.")
    expect(lab.locator("#lesson-lab-observed")).to_be_focused()
    expect_no_violation(page)


def test_without_javascript_an_early_acknowledgement_loses_the_order(browser: Browser, product: Product) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    lab = bench(page, product)
    choose(page, "acknowledge-early")
    page.locator("#lesson-crash-place").select_option("after:email")
    run(page)

    look_until_over(page)
    expect(lab.locator("#lesson-crash-order")).to_contain_text("lost")
    expect(lab.locator("#lesson-crash-told")).to_contain_text("the queue had forgotten it")
    expect(lab.locator("#lesson-crash-runs")).to_contain_text("acknowledge early; killed after “send the e-mail”")
    expect(page.locator("#lesson-crash-acknowledge-early")).to_be_checked()
    expect_no_sideways_scroll(page)
    context.close()


def test_only_what_matters_is_asked(page: Page, product: Product) -> None:
    bench(page, product)
    expect(page.locator("#lesson-crash-place")).to_be_visible()
    choose(page, "trouble-freeze")

    expect(page.locator("#lesson-crash-place")).to_be_hidden()
    expect(page.locator(".crash-fencing")).to_be_visible()


@pytest.mark.soak
def test_a_fencing_token_refuses_what_comes_back(page: Page, product: Product) -> None:
    lab = bench(page, product)
    choose(page, "trouble-freeze")
    choose(page, "fencing-on")
    run(page)

    expect(lab.locator("#lesson-crash-told")).to_contain_text("its write was refused", timeout=OVER_MS)
    expect(lab.locator("#lesson-crash-story")).to_contain_text("stands still (SIGSTOP)")
