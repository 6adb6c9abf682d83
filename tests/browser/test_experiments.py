"""Options run in a real browser: compared side by side, opened by somebody else, stepped through, without a script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from lessons import experiments
from lessons.experiments import Posed
from lessons.quiz import Option
from tests.browser.race import expect_no_sideways_scroll
from tests.browser.seeing import expect_no_violation
from tests.product import Product

pytestmark = pytest.mark.browser

RUN_MS = 90_000
QUESTIONS = ("practice/duplicate-emails", "crashes/vanished-email", "now-or-later/declined-card")


def posed(name: str) -> Posed:
    found = experiments.find(name)
    assert found
    return found


def wrong(question: Posed) -> Option:
    return next(option for option in question.question.options if not option.right and option.run)


def answer(page: Page, product: Product, question: Posed, option: Option) -> None:
    """Answer it where it is asked."""
    address = question.lesson.address if question.lesson else f"/practice?question={question.question.id}"
    page.goto(product.url + address)
    place = page.locator(f"#question-{question.question.id}, #scenario-{question.question.id}")
    place.locator(f'[name=option][value="{option.id}"]').check(force=True)
    place.get_by_role("button", name="Answer").click()
    expect(page.locator(f"#runs-{question.question.id}")).to_be_visible()


@pytest.fixture(scope="module")
def link(browser: Browser, product: Product) -> Iterator[str]:
    """The permanent link of a run."""
    context = browser.new_context(reduced_motion="reduce")
    page, question = context.new_page(), posed(QUESTIONS[0])
    answer(page, product, question, wrong(question))
    page.locator(f"#runs-{question.question.id}-{wrong(question).id}").click()
    page.locator(".run-card > .run[data-outcome=shown]").first.get_by_role("link").click(timeout=RUN_MS)
    yield page.url
    context.close()


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_wrong_answer_is_run_beside_the_one_that_holds(page: Page, product: Product, name: str) -> None:
    question = posed(name)
    option = wrong(question)
    answer(page, product, question, option)
    runs = page.locator(f"#runs-{question.question.id}")
    page.locator(f"#runs-{question.question.id}-{option.id}").click()

    expect(runs.locator(".run-card > .run[data-outcome=shown]")).to_have_count(2, timeout=RUN_MS)
    expect(runs.get_by_role("heading", name="Your choice")).to_be_visible()
    expect(runs.get_by_role("heading", name="The one that holds")).to_be_visible()
    figures = runs.locator(".run-card > .run .run-figure").all_inner_texts()
    assert len(set(figures)) == 2, figures
    expect_no_violation(page)
    page.set_viewport_size({"width": 360, "height": 800})
    expect_no_sideways_scroll(page)


def test_a_link_shows_the_run_in_a_second_browser(browser: Browser, link: str) -> None:
    context = browser.new_context(reduced_motion="reduce")
    other = context.new_page()
    other.goto(link)

    expect(other.get_by_role("heading", level=1)).to_have_text("1 e-mail for 2 orders")
    expect(other.get_by_text("An option that does not hold")).to_be_visible()
    expect_no_violation(other)
    context.close()


def test_a_run_is_stepped_forwards_and_backwards_by_keyboard(page: Page, link: str) -> None:
    page.goto(link)
    page.keyboard.press("Home")
    expect(page.get_by_role("status").filter(has_text="Event 0 of")).to_be_visible()
    for number in (1, 2, 3):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("status").filter(has_text=f"Event {number} of")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("status").filter(has_text="Event 2 of")).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_text("On →", exact=True)).to_have_attribute("aria-disabled", "true")


def test_without_javascript_a_choice_is_run_and_a_run_is_stepped_through(browser: Browser, product: Product) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page, question = context.new_page(), posed(QUESTIONS[0])
    answer(page, product, question, wrong(question))
    page.locator(f"#runs-{question.question.id}-{wrong(question).id}").click()
    page.locator(f"#runs-{question.question.id} .run").first.get_by_role("link").first.click()
    for _ in range(200):
        if page.locator(".run[data-outcome=shown]").count():
            break
        page.wait_for_timeout(200)
        page.reload()
    page.get_by_role("link", name="← Back").click()

    expect(page.get_by_role("status").filter(has_text="Event")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 e-mail for 2 orders")
    expect_no_sideways_scroll(page)
    context.close()
