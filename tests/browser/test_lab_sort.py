"""The lab of lesson 2 in a real browser: sort the steps, run the checkout, and read what it did."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.labs import expect_fine
from tests.product import Product
from workers.checkout import LATER, STEPS

pytestmark = pytest.mark.browser

LESSON = "/lessons/now-or-later"
SEVEN = [step.name for step in LATER]
# The whole of a run at the lab's speed is 3.2 s.
OVER_MS = 20_000


def bench(page: Page, product: Product) -> Locator:
    page.goto(product.url + LESSON)
    expect(page.locator("#lesson-sort-form")).to_be_visible()
    return page.locator("#lesson-lab")


def choose(page: Page, name: str) -> None:
    # The radio lies over its words without being seen.
    page.locator(f"#lesson-sort-{name}").check(force=True)


def leave_for_later(page: Page, names: list[str]) -> None:
    for step in STEPS:
        choose(page, f"{step.name}-{'later' if step.name in names else 'now'}")


def run(page: Page) -> None:
    page.get_by_role("button", name="Run this checkout").click()


def expect_told(lab: Locator, words: str) -> None:
    expect(lab.locator(".sort-told")).to_contain_text(words, timeout=OVER_MS)


def test_the_design_that_holds_answers_within_a_second_and_breaks_nothing(page: Page, product: Product) -> None:
    lab = bench(page, product)
    leave_for_later(page, SEVEN)
    run(page)

    expect(lab.locator(".sort-answer")).to_contain_text("Success at")
    expect_told(lab, "Nothing broke: what waited can wait.")
    assert 0.9 <= float(lab.locator(".sort-result .clock").inner_text().rstrip("s")) < 3
    expect(lab.locator(".sort-designs")).to_contain_text("now: payment, order")


@pytest.mark.soak
def test_everything_later_ships_an_unpaid_order(page: Page, product: Product) -> None:
    lab = bench(page, product)
    leave_for_later(page, [step.name for step in STEPS])
    choose(page, "card-declined")
    run(page)

    expect_told(lab, "The other eight steps were done all the same")
    expect(lab.locator(".sort-designs")).to_contain_text("an unpaid order was shipped")


@pytest.mark.soak
def test_a_card_that_is_declined_in_the_request_is_an_answer(page: Page, product: Product) -> None:
    lab = bench(page, product)
    choose(page, "card-declined")
    run(page)

    expect(lab.locator(".sort-answer")).to_contain_text("The card was declined; there is no order.")


@pytest.mark.soak
def test_what_she_sorts_while_a_run_goes_on_stays_as_she_sorted_it(page: Page, product: Product) -> None:
    lab = bench(page, product)
    leave_for_later(page, SEVEN)
    run(page)
    expect(lab.locator(".sort-answer")).to_contain_text("the rest goes on without her")
    choose(page, "payment-later")
    choose(page, "loyalty-now")

    expect_told(lab, "Nothing broke")
    expect(page.locator("#lesson-sort-payment-later")).to_be_checked()
    expect(page.locator("#lesson-sort-loyalty-now")).to_be_checked()
    expect(page.locator("#lesson-sort-loyalty-now")).to_be_focused()


@pytest.mark.soak
def test_the_steps_are_sorted_by_keyboard(page: Page, product: Product) -> None:
    bench(page, product)
    page.locator("#lesson-sort-payment-now").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#lesson-sort-order-now")).to_be_focused()
    page.keyboard.press("ArrowRight")

    expect(page.locator("#lesson-sort-order-later")).to_be_checked()


def test_a_checkout_is_designed_and_run_without_javascript(browser: Browser, product: Product) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    lab = bench(page, product)
    leave_for_later(page, ["order"])
    run(page)

    expect(lab.locator(".sort-answer")).to_contain_text("Success at")
    expect(page.locator("#lesson-sort-order-later")).to_be_checked()
    context.close()


@pytest.mark.soak
def test_axe_finds_nothing_and_nothing_scrolls_sideways(narrow: Page, product: Product) -> None:
    lab = bench(narrow, product)
    leave_for_later(narrow, [step.name for step in STEPS])
    choose(narrow, "card-declined")
    run(narrow)
    expect_told(lab, "Broke")

    expect_fine(narrow)
    small = lab.locator(".pill, .button").evaluate_all(
        "all => all.filter(each => each.getBoundingClientRect().height < 44).length"
    )
    assert small == 0
