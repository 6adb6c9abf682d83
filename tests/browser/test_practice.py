"""Practice in a real browser: all right, all wrong, without JavaScript, every theme, every size."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from lessons.practice import Scenario, practice
from tests.browser.race import expect_no_sideways_scroll
from tests.product import Product

pytestmark = pytest.mark.browser

SCENARIOS = practice().questions


def answer(page: Page, scenario: Scenario, right: bool) -> None:
    expect(page.get_by_role("heading", name=scenario.title, exact=True)).to_be_visible()
    option = next(option for option in scenario.options if option.right is right)
    page.locator(f'[name=option][value="{option.id}"]').check()
    page.get_by_role("button", name="Answer").click()
    expect(page.locator(".feedback-yes" if right else ".feedback-no")).to_be_visible()


def play(page: Page, right: bool) -> None:
    """Answer a whole round, and go on to the summary."""
    for scenario in SCENARIOS:
        answer(page, scenario, right)
        page.get_by_role("link", name="See the summary" if scenario == SCENARIOS[-1] else "Next scenario").click()


@pytest.mark.soak
def test_all_right_gives_a_full_score(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/practice")
    play(page, right=True)

    expect(page.get_by_role("heading", name=f"{len(SCENARIOS)} of {len(SCENARIOS)} right")).to_be_focused()
    expect(page.get_by_role("button", name="Only the missed ones again")).to_have_count(0)
    page.get_by_role("button", name="All again").click()
    expect(page.get_by_text(f"Scenario 1 of {len(SCENARIOS)}")).to_be_visible()


def test_all_wrong_gives_nothing_and_asks_everything_again(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/practice")
    play(page, right=False)

    expect(page.get_by_role("heading", name=f"0 of {len(SCENARIOS)} right")).to_be_visible()
    expect(page.get_by_role("link", name="Read again")).to_have_count(len({each.lesson for each in SCENARIOS}))
    page.get_by_role("button", name="Only the missed ones again").click()
    expect(page.get_by_role("heading", name=SCENARIOS[0].title)).to_be_focused()


@pytest.mark.soak
def test_the_practice_is_played_without_javascript(browser: Browser, product: Product) -> None:
    context = browser.new_context(java_script_enabled=False, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{product.url}/practice")
    answer(page, SCENARIOS[0], right=False)
    page.get_by_role("link", name="Try again").click()
    answer(page, SCENARIOS[0], right=True)
    expect(page.get_by_text("it is the one that counts")).to_be_visible()
    page.get_by_role("link", name="Next scenario").click()
    for scenario in SCENARIOS[1:]:
        answer(page, scenario, right=True)
        page.locator(".scenario .button-main").click()
    page.get_by_role("button", name="Only the missed ones again").click()
    expect(page.get_by_text("Scenario 1 of 1")).to_be_visible()
    context.close()


@pytest.mark.soak
def test_an_answer_and_the_next_scenario_take_the_focus(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/practice")
    answer(page, SCENARIOS[0], right=True)
    expect(page.locator(".feedback")).to_be_focused()

    page.get_by_role("link", name="Next scenario").press("Enter")
    expect(page.get_by_role("heading", name=SCENARIOS[1].title)).to_be_focused()


@pytest.mark.soak
def test_the_dates_can_be_taken_to_a_calendar(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/practice")
    play(page, right=True)

    with page.expect_download() as download:
        page.get_by_role("link", name="Put these dates in your calendar").click()
    assert download.value.suggested_filename == "ticketwheel-review.ics"


@pytest.fixture(params=[("light", 360), ("dark", 360), ("light", 1280), ("dark", 1280)], ids=str)
def themed(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page in one theme and at one width, without movement."""
    theme, width = request.param
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 640}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.mark.soak
def test_axe_finds_nothing_from_the_first_scenario_to_the_summary(themed: Page, product: Product) -> None:
    themed.goto(f"{product.url}/practice")
    expect_no_violation(themed)
    for number, scenario in enumerate(SCENARIOS):
        answer(themed, scenario, right=number != 1)
        if number < 2:
            themed.locator(".others summary").click()
            expect_no_violation(themed)
        themed.locator(".scenario .button-main").click()
    expect(themed.locator("#summary")).to_be_visible()
    expect_no_violation(themed)


def expect_no_violation(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.soak
def test_nothing_scrolls_sideways_and_every_target_is_large_enough(browser: Browser, product: Product) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{product.url}/practice")
    for scenario in SCENARIOS:
        expect_no_sideways_scroll(page)
        answer(page, scenario, right=scenario != SCENARIOS[0])
        expect_no_sideways_scroll(page)
        assert small_targets(page) == []
        page.locator(".scenario .button-main").click()
    expect(page.locator("#summary")).to_be_visible()
    expect_no_sideways_scroll(page)
    assert small_targets(page) == []
    context.close()


def small_targets(page: Page) -> list[str]:
    """What one presses in the practice and is lower or narrower than 44 px."""
    found: list[str] = page.evaluate(
        """[...document.querySelectorAll('.practice a, .practice button, .practice summary, .practice label')]
            .filter(target => { const box = target.getBoundingClientRect(); return box.height < 44 || box.width < 44; })
            .map(target => target.textContent.trim())"""
    )
    return found
