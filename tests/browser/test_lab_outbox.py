"""The second lab of lesson 4 in a real browser: predict, let the queue forget everything, observe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.labs import look_until_over, say
from tests.browser.race import expect_no_sideways_scroll
from tests.browser.seeing import expect_no_violation
from tests.product import Product

pytestmark = pytest.mark.browser

LAB = "#lesson-lab-outbox"

LESSON = "/lessons/crashes"
# Twenty orders, and the look around by which the supervisor misses what was forgotten: 10 s on an idle machine.
OVER_MS = 60_000


def bench(page: Page, product: Product) -> Locator:
    page.goto(product.url + LESSON)
    expect(page.locator("#lesson-outbox-form")).to_be_visible()
    return page.locator("#lesson-lab-outbox")


def choose(page: Page, name: str) -> None:
    page.locator(f"#lesson-outbox-{name}").check(force=True)


def test_an_order_whose_checkout_dies_between_its_two_writes_is_nobody_s(page: Page, product: Product) -> None:
    lab = bench(page, product)
    say(page, "prediction", "queue", LAB)
    expect(lab.locator("#lesson-lab-outbox-hint")).to_contain_text("You predicted: “The queue: its time-out ends")
    expect(lab.locator(".outbox-code-commit_then_enqueue")).to_contain_text("request.reach")
    page.locator("#lesson-outbox-run").click()

    told = lab.locator("#lesson-outbox-told")
    expect(told).to_contain_text("nobody ever will", timeout=OVER_MS)
    expect(told).to_contain_text("is in the database, paid for, and there is no message about it")
    expect(lab.locator("#lesson-outbox-judges dd")).to_have_text(["yes", "no", "0"])
    expect(lab.locator("#lesson-outbox-story")).to_contain_text("the process that took the order was killed")


def test_what_the_queue_forgets_is_completed_all_the_same(page: Page, product: Product) -> None:
    lab = bench(page, product)
    choose(page, "handover-outbox")
    choose(page, "scene-wiped")
    page.locator("#lesson-outbox-run").click()

    expect(lab.locator("#lesson-lab-outbox-poll")).to_be_attached()
    expect(lab.locator("#lesson-lab-outbox-observation")).to_be_visible(timeout=OVER_MS)
    figures = lab.locator("#lesson-outbox-judges dd")
    expect(figures.nth(0)).to_have_text("20")
    expect(figures.nth(1)).not_to_have_text("0")
    expect(figures.nth(2)).to_have_text("20")
    expect(figures.nth(3)).to_have_text("0")

    say(page, "observation", "none", LAB)
    expect(lab.locator("#lesson-lab-outbox-observed")).to_contain_text("The record agrees.")
    expect(page.locator("#lesson-lab-observed")).to_have_count(0)  # the lesson's first lab is another one
    expect_no_violation(page)


def test_without_javascript_a_message_about_no_order_is_put_aside(browser: Browser, product: Product) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    lab = bench(page, product)
    choose(page, "handover-enqueue_then_commit")
    page.locator("#lesson-outbox-run").click()

    assert page.url.endswith(f"{LESSON}#lesson-lab-outbox")
    look_until_over(page, LAB)
    expect(lab.locator("#lesson-outbox-title")).to_contain_text("a message about no order")
    expect(lab.locator("#lesson-outbox-judges dd")).to_have_text(["no", "yes", "0"])
    expect_no_sideways_scroll(page)
    context.close()
