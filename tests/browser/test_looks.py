"""The race page before, during and after a run, held against axe and a phone's screen."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.race import (
    button,
    expect_finished,
    expect_no_sideways_scroll,
    make_quick,
    script_of,
    start_quick_race,
)
from tests.browser.seeing import expect_no_violation
from tests.product import Product

pytestmark = pytest.mark.browser


def test_axe_finds_nothing_before_during_and_after_a_run(browser: Browser, product: Product) -> None:
    context = browser.new_context(reduced_motion="reduce")  # a change of theme is then at once
    page = context.new_page()
    page.goto(product.url)
    expect_no_violation(page)
    start_quick_race(page, product, speed=2, visibility_timeout_s=8)
    expect(page.locator(".worker-busy")).to_be_visible(timeout=15_000)
    expect_no_violation(page)
    button(page, "Kill w").click()
    expect(page.locator(".worker-dead")).to_be_visible(timeout=10_000)
    expect_no_violation(page)
    make_quick(page)
    expect_finished(page)
    expect_no_violation(page)
    for part in ("/inbox", "/bestsellers", "/deliveries", "/events", "/orders/1001", "/orders/9999"):
        page.goto(script_of_part(page, part))
        expect_no_violation(page)
        page.go_back()
    context.close()


def script_of_part(page: Page, part: str) -> str:
    return script_of(page).sandbox + part


@pytest.mark.parametrize("width", [320, *(pytest.param(width, marks=pytest.mark.soak) for width in (360, 1280))])
def test_nothing_scrolls_sideways(browser: Browser, product: Product, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 640})
    page = context.new_page()
    page.goto(product.url)
    expect_no_sideways_scroll(page)
    main_button = button(page, "Place the order, both ways").bounding_box()
    assert main_button
    assert main_button["y"] + main_button["height"] <= 640, "the first surprise needs no scrolling"
    button(page, "Place the order, both ways").click()
    expect(page.locator(".worker-busy")).to_be_visible(timeout=15_000)
    button(page, "Kill w").click()
    expect(page.locator(".worker-dead")).to_be_visible(timeout=10_000)
    expect_no_sideways_scroll(page)
    for part in ("/inbox", "/bestsellers", "/deliveries", "/events", "/orders/1001"):
        page.goto(script_of_part(page, part))
        expect_no_sideways_scroll(page)
        page.go_back()
    context.close()
