"""The lab of lesson 1 in a real browser: customers come to few slots, stand in line, and are drawn as they wait."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.labs import expect_fine
from tests.product import Product

pytestmark = pytest.mark.browser

LESSON = "/lessons/synchronous-trap"
# Four customers and one slot take four turns of 3.2 s.
OVER_MS = 40_000


def bench(page: Page, product: Product) -> Locator:
    page.goto(product.url + LESSON)
    expect(page.locator("#lesson-slots-form")).to_be_visible()
    return page.locator("#lesson-lab")


def choose(page: Page, **choices: Any) -> None:
    for name, value in choices.items():
        # The radio lies over its words without being seen.
        page.locator(f"#lesson-slots-{name}-{value}").check(force=True)


def let_them_come(page: Page, **choices: Any) -> Locator:
    """Run it; the panel in which this run is drawn."""
    choose(page, **choices)
    page.get_by_role("button", name="Let them come").click()
    return page.locator(f"#lesson-slots-{choices['checkout']}")


def expect_answered(panel: Locator, customers: int) -> None:
    expect(panel.locator(".slots-facts")).to_contain_text(f"{customers} of {customers}", timeout=OVER_MS)
    expect(panel.locator(".slots-facts")).not_to_contain_text("so far")


def widths(panel: Locator, of: str) -> list[float]:
    found: list[float] = panel.locator(f".slots-rows {of}").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().width)"
    )
    return found


@pytest.mark.soak
def test_whoever_comes_to_a_taken_slot_stands_in_line_while_one_looks_on(page: Page, product: Product) -> None:
    bench(page, product)
    panel = let_them_come(page, checkout="now", customers=4, slots=1)

    expect(panel.locator(".slots-in-line")).to_have_count(3)
    expect(panel.locator(".slots-facts")).to_contain_text("so far")
    expect_answered(panel, 4)
    served, in_line = widths(panel, ".slots-served"), widths(panel, ".slots-line")
    assert max(served) < 1.3 * min(served)
    assert in_line[-3:] == sorted(in_line[-3:])
    assert in_line[-1] > 2 * max(served)


def test_both_runs_stand_under_one_another_and_the_record_compares_them(page: Page, product: Product) -> None:
    lab = bench(page, product)
    expect_answered(let_them_come(page, checkout="now", customers=4, slots=4), 4)
    expect_answered(let_them_come(page, checkout="later", customers=4, slots=2), 4)
    expect(lab.locator("#lesson-slots-now .slots-other")).to_have_count(4)
    ticks = [lab.locator(f"#lesson-slots-{way} .slots-ticks text").all_inner_texts() for way in ("now", "later")]
    lab.get_by_label("None of them").check(force=True)
    lab.get_by_role("button", name="Hold it against the record").click()

    expect(lab).to_contain_text("The record agrees.")
    expect(lab).to_contain_text("By then none of the 4 with everything in the request and 4 slots had theirs.")
    assert ticks[0] == ticks[1]


@pytest.mark.soak
def test_a_table_that_is_open_stays_open_while_the_rows_grow(page: Page, product: Product) -> None:
    lab = bench(page, product)
    panel = let_them_come(page, checkout="now", customers=4, slots=2)
    page.get_by_text("The same as a table").click()
    page.get_by_text("The same as a table").focus()
    expect_answered(panel, 4)

    expect(lab.get_by_role("row", name="Customer 4")).to_be_visible()
    expect(lab.locator("#lesson-slots-table summary")).to_be_focused()


@pytest.mark.soak
def test_a_second_crowd_has_to_wait_for_the_first(page: Page, product: Product) -> None:
    bench(page, product)
    panel = let_them_come(page, checkout="now", customers=4, slots=4)
    expect(panel.locator(".slots-facts")).to_contain_text("so far")
    let_them_come(page, checkout="later", customers=8, slots=1)

    expect(page.locator("#notices")).to_contain_text("wait until the flood that runs is over")
    expect_answered(panel, 4)


def test_the_customers_come_without_javascript(browser: Browser, product: Product) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    bench(page, product)
    panel = let_them_come(page, checkout="later", customers=4, slots=1)
    expect(panel).to_be_visible()
    for _ in range(40):
        if page.get_by_role("link", name="Look again").count() == 0:
            break
        page.get_by_role("link", name="Look again").click()
        page.reload()

    expect_answered(panel, 4)
    expect(page.locator("#lesson-slots-customers-4")).to_be_checked()
    context.close()


@pytest.mark.soak
def test_axe_finds_nothing_and_nothing_scrolls_sideways(narrow: Page, product: Product) -> None:
    lab = bench(narrow, product)
    expect_answered(let_them_come(narrow, checkout="later", customers=12, slots=1), 12)
    expect_answered(let_them_come(narrow, checkout="now", customers=8, slots=8), 8)
    narrow.get_by_text("The same as a table").click()

    expect_fine(narrow)
    small = lab.locator(".pill, .button").evaluate_all(
        "all => all.filter(each => each.getBoundingClientRect().height < 44).length"
    )
    assert small == 0
