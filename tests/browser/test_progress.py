"""Progress in a real browser: taken to a second one, with and without JavaScript, in every theme and width."""

from __future__ import annotations

import json
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from lessons.course import course
from lessons.quiz import Question
from tests.browser.race import button, expect_no_sideways_scroll
from tests.browser.readers import make_code
from tests.product import Product

pytestmark = pytest.mark.browser

LESSON = course().lessons[0]


def answer(page: Page, product: Product, question: Question, right: bool) -> None:
    """Answer one question, certain of it."""
    option = next(option for option in question.options if option.right is right)
    page.goto(product.url + LESSON.address)
    section = page.locator(f"#question-{question.id}")
    section.locator(f"[name=option][value={option.id}]").check()
    section.get_by_label("certain", exact=True).check(force=True)
    section.get_by_role("button", name="Answer").click()
    expect(section.locator(".feedback")).to_be_visible()


def answer_all(page: Page, product: Product) -> None:
    """The first question wrong, the others right."""
    for number, question in enumerate(LESSON.questions):
        answer(page, product, question, right=number > 0)


def go_on(page: Page, product: Product, code: str) -> None:
    page.goto(f"{product.url}/progress")
    page.get_by_label("I have a resume code").fill(code)
    button(page, "Go on from there").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_second_browser_goes_on_where_the_first_one_stopped(
    browser: Browser, product: Product, scripts: bool
) -> None:
    contexts = [browser.new_context(java_script_enabled=scripts, reduced_motion="reduce") for _ in range(2)]
    first, second = (context.new_page() for context in contexts)
    answer_all(first, product)
    code = make_code(first, product)
    assert len(code.split()) == 4
    assert first.url == f"{product.url}/progress" + ("" if scripts else "/codes#resume-code")

    go_on(second, product, code.title().replace(" ", "-"))

    expect(second).to_have_url(f"{product.url}/progress")
    right = len(LESSON.questions) - 1
    expect(second.locator(".progress-tried .state-done")).to_have_count(right)
    expect(second.get_by_text(f"When you were certain, you were right {right} of {right + 1} times.")).to_be_visible()
    expect(second.get_by_text("You have a resume code")).to_be_visible()
    second.get_by_label("Delete my progress").check()
    button(second, "Delete everything").click()
    expect(second.get_by_text("Nothing is kept of you yet")).to_be_visible()
    first.goto(f"{product.url}/progress")
    expect(first.get_by_text("Nothing is kept of you yet")).to_be_visible()
    for context in contexts:
        context.close()


def test_a_new_code_takes_the_focus_and_can_be_revoked_in_place(page: Page, product: Product) -> None:
    answer(page, product, LESSON.questions[0], right=True)
    make_code(page, product)

    expect(page.locator("#resume-code > [autofocus]")).to_be_focused()
    expect(page.locator(".progress-fresh")).to_be_in_viewport()
    button(page, "Revoke the code").click()
    expect(page.get_by_text("The code is revoked.")).to_be_visible()
    expect(button(page, "Make a resume code")).to_be_focused()
    assert page.url == f"{product.url}/progress"


@pytest.mark.soak
def test_a_wrong_code_leads_back_to_its_field(page: Page, product: Product) -> None:
    go_on(page, product, "not a code")

    field = page.get_by_label("I have a resume code")
    expect(field).to_be_focused()
    assert "leads nowhere" in (field.evaluate("field => field.ariaDescribedByElements[0].textContent") or "")


@pytest.mark.soak
def test_the_export_is_saved_as_a_file(page: Page, product: Product) -> None:
    answer(page, product, LESSON.questions[0], right=True)
    page.goto(f"{product.url}/progress")

    with page.expect_download() as saved:
        page.get_by_role("link", name="Save all of it").click()

    assert saved.value.suggested_filename == "ticketwheel-progress.json"
    assert [row["how_sure"] for row in json.loads(saved.value.path().read_text())["answers"]] == ["certain"]


@pytest.mark.soak
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(browser: Browser, product: Product, theme: Any) -> None:
    context = browser.new_context(color_scheme=theme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{product.url}/progress")
    expect_fit(page)
    answer_all(page, product)
    make_code(page, product)
    expect(page.locator(".progress-fresh")).to_be_visible()
    expect_fit(page)
    go_on(page, product, "not a code")
    expect_fit(page)
    context.close()


def expect_fit(page: Page) -> None:
    """No violation on a wide and on a narrow page, and no sideways scroll on the narrowest."""
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        expect_no_sideways_scroll(page)
    page.set_viewport_size({"width": 320, "height": 640})
    expect_no_sideways_scroll(page)
