"""The lab of lesson 5 in a real browser: two deliveries, and a button for the next action of each."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.labs import look_until_over, say
from tests.browser.race import expect_no_sideways_scroll
from tests.browser.seeing import expect_no_violation
from tests.product import Product

pytestmark = pytest.mark.browser

LESSON = "/lessons/idempotency"
# The other six steps of the e-mail's order take a second at the lab's speed; a time-out 2 s.
SOON_MS = 30_000


def bench(page: Page, product: Product) -> Locator:
    page.goto(product.url + LESSON)
    expect(page.locator("#lesson-repeat-form")).to_be_visible()
    return page.locator("#lesson-lab")


def choose(page: Page, name: str) -> None:
    # The radio lies over its words without being seen.
    page.locator(f"#lesson-repeat-{name}").check(force=True)


def step(page: Page, letter: str, action: str) -> None:
    button = page.locator(f"#lesson-repeat-step-{letter}")
    expect(button).to_have_text(f"{letter}: {action}", timeout=SOON_MS)
    button.click()


def test_two_workers_look_before_either_marks_and_both_send(page: Page, product: Product) -> None:
    lab = bench(page, product)
    say(page, "prediction", "few")
    page.locator("#lesson-repeat-run").click()

    step(page, "A", "look whether the key is marked")
    step(page, "B", "look whether the key is marked")
    step(page, "A", "send the e-mail")
    step(page, "B", "send the e-mail")
    expect(lab.locator(".repeat-memories")).to_contain_text("Nothing is noted of this e-mail.")
    step(page, "A", "mark the key as done")
    expect(lab.locator(".repeat-memories")).to_contain_text("marked as done", timeout=SOON_MS)
    step(page, "A", "acknowledge")
    step(page, "B", "mark the key as done")
    step(page, "B", "acknowledge")

    expect(lab.locator("#lesson-repeat-told")).to_contain_text("Both found nothing, and both sent.", timeout=SOON_MS)
    expect(lab.locator("#lesson-repeat-judges dd").first).to_have_text("2")
    say(page, "observation", "more")
    expect(lab.locator("#lesson-lab-observed")).to_contain_text("The record agrees.")
    expect_no_violation(page)


def test_the_shortest_way_to_lose_an_email_is_played(page: Page, product: Product) -> None:
    lab = bench(page, product)
    choose(page, "strategy-claim_first")
    expect(lab.locator(".repeat-code-claim_first")).to_be_visible()
    page.locator("#lesson-repeat-counter").click()
    page.locator("#lesson-repeat-next").click(timeout=SOON_MS)
    expect(lab.locator("#lesson-repeat-script [aria-current]")).to_have_text("A is killed", timeout=SOON_MS)
    page.locator("#lesson-repeat-all").click()

    expect(lab.locator("#lesson-repeat-told")).to_contain_text("A claimed the key and died", timeout=SOON_MS)
    expect(lab.locator(".repeat-memories")).to_contain_text("No e-mail has arrived.")


def test_without_javascript_the_receiver_keeps_the_second_email_out(browser: Browser, product: Product) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    lab = bench(page, product)
    choose(page, "strategy-receiver")
    page.locator("#lesson-repeat-counter").click()
    expect(lab.locator("#lesson-repeat-script")).to_contain_text("There is no way to go wrong")
    for letter in ("A", "B"):
        step(page, letter, "send the e-mail")
    for letter in ("A", "B"):
        step(page, letter, "acknowledge")

    look_until_over(page)
    expect(lab.locator("#lesson-repeat-B")).to_contain_text("the mail server had it already")
    expect(lab.locator("#lesson-repeat-told")).to_contain_text("the mail server kept one")
    expect_no_sideways_scroll(page)
    context.close()


@pytest.mark.soak
def test_a_row_of_the_table_of_all_ways_is_played(page: Page, product: Product) -> None:
    lab = bench(page, product)
    page.locator("#lesson-repeat-interleavings summary").click()
    expect(lab.locator("#lesson-repeat-interleavings li")).to_have_count(66)
    page.locator("#lesson-repeat-way-0").click()
    page.locator("#lesson-repeat-all").click(timeout=SOON_MS)

    expect(lab.locator("#lesson-repeat-told")).to_contain_text("arrived once", timeout=SOON_MS)
