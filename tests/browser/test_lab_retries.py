"""The lab of lesson 6 in a real browser: poison is repaired, fifty come back; without JavaScript, and narrow."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.labs import expect_fine, look_until_over
from tests.browser.race import expect_no_sideways_scroll
from tests.product import Product

pytestmark = pytest.mark.browser

LESSON = "/lessons/retries"
OVER_MS = 60_000


def bench(page: Page, product: Product) -> Locator:
    page.goto(product.url + LESSON)
    expect(page.locator("#lesson-retries-form")).to_be_visible()
    return page.locator("#lesson-lab")


def run(page: Page, **choices: Any) -> None:
    for name, value in choices.items():
        # The radio lies over its word without being seen.
        page.locator(f"#lesson-retries-{name}-{value}").check(force=True)
    page.locator("#lesson-retries-run").click()


def expect_over(lab: Locator, told: str) -> None:
    expect(lab.locator("#lesson-retries-told")).to_contain_text(told, timeout=OVER_MS)


def test_poison_runs_into_the_dead_letters_is_corrected_and_replayed(page: Page, product: Product) -> None:
    lab = bench(page, product)
    page.locator("#lesson-lab-prediction-few").check(force=True)
    page.locator("#lesson-lab-prediction-say").click()
    expect(lab.locator("#lesson-lab-hint")).to_contain_text("You predicted")

    run(page, trouble="poison", attempts=3, backoff="none")
    expect_over(lab, "3 tries failed with the same answer")
    expect(lab.locator("#lesson-retries-letters")).to_contain_text("mail server answered 550")
    expect_no_sideways_scroll(page)

    lab.get_by_label("E-mail address of order").fill("right@example.com")
    lab.get_by_role("button", name="Correct the address").click()
    expect(lab.locator(".lab-task-done")).to_have_count(0)
    lab.get_by_role("button", name=re.compile("^Replay order")).click()

    expect_over(lab, "With the address corrected, it was done.")
    expect(lab.locator(".lab-task-done")).to_have_count(1)
    expect(lab.locator("#lesson-retries-letters")).to_have_count(0)
    expect(lab.locator("#lesson-retries-runs")).to_contain_text("1 × poison")


def test_fifty_come_back_together_and_the_record_says_how_many(page: Page, product: Product) -> None:
    lab = bench(page, product)

    run(page, trouble="down", backoff="fixed", messages=50, seconds=5)
    expect(lab.locator("#lesson-retries-picture use.state-retrying").first).to_be_attached(timeout=OVER_MS)
    expect_over(lab, "calls reached the partner")
    page.locator("#lesson-lab-observation-few").check(force=True)
    page.locator("#lesson-lab-observation-say").click()

    told = lab.locator("#lesson-lab-observed")
    expect(told).to_be_focused()
    expect(told).to_contain_text("in its busiest second after that")
    expect(lab.locator("#lesson-retries-words")).to_be_attached()


@pytest.mark.soak
def test_without_javascript_one_looks_again_and_acts(browser: Browser, product: Product) -> None:
    context = browser.new_context(java_script_enabled=False, reduced_motion="reduce")
    page = context.new_page()
    lab = bench(page, product)
    run(page, trouble="poison", attempts=3, backoff="none")
    look_until_over(page)
    assert page.url.endswith(f"{LESSON}#lesson-lab")
    lab.get_by_label("E-mail address of order").fill("right@example.com")
    lab.get_by_role("button", name="Correct the address").click()
    lab.get_by_role("button", name=re.compile("^Replay order")).click()
    look_until_over(page)

    expect(lab.locator("#lesson-retries-told")).to_contain_text("it was done")
    context.close()


@pytest.mark.soak
def test_axe_finds_nothing_and_nothing_scrolls_sideways(narrow: Page, product: Product) -> None:
    lab = bench(narrow, product)
    expect_fine(narrow)
    run(narrow, trouble="deadly", circuit_breaker="true")
    expect_over(lab, "workers died at this message")
    expect_fine(narrow)
    run(narrow, trouble="down", messages=50, seconds=5, backoff="fixed")
    expect(lab.locator("#lesson-retries-circuit")).to_be_attached(timeout=OVER_MS)
    expect_fine(narrow)
    expect_over(lab, "the circuit opened")
    lab.locator("#lesson-retries-words summary").click()
    expect_fine(narrow)
