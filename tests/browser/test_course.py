"""The course in a real browser: every lesson opened, every option answered, every theme, every size."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from lessons.course import course
from lessons.lesson import Lesson
from lessons.quiz import Option, Question
from tests.browser.race import expect_no_sideways_scroll
from tests.browser.readers import letters
from tests.product import Product

pytestmark = pytest.mark.browser

LESSONS = course().lessons
RICHEST = sorted(LESSONS, key=lambda lesson: len({block.kind for block in lesson.blocks}), reverse=True)[:2]


def question_on(page: Page, question: Question) -> Locator:
    return page.locator(f"#question-{question.id}")


def choose(on_page: Locator, question: Question, option: Option) -> None:
    on_page.locator(".choice").nth(question.options.index(option)).locator("input").check()
    on_page.get_by_role("button", name="Answer").click()


def expect_feedback(on_page: Locator, option: Option) -> None:
    expect(on_page.locator(".feedback-yes" if option.right else ".feedback-no")).to_be_visible()
    told = on_page.locator(".feedback p").last.inner_text()
    assert letters(told) == letters(option.feedback)


def test_an_answer_moves_the_focus_to_what_it_brought(page: Page, product: Product) -> None:
    lesson = LESSONS[0]
    question = lesson.questions[0]
    page.goto(product.url + lesson.address)

    choose(question_on(page, question), question, question.options[0])
    expect(question_on(page, question).locator(".feedback")).to_be_focused()
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.textContent") != "Try again":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(question_on(page, question).locator("input[type=radio]").first).to_be_focused()


def test_questions_are_answered_without_javascript(browser: Browser, product: Product) -> None:
    context = browser.new_context(java_script_enabled=False, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{product.url}/lessons")
    for lesson in LESSONS[:2]:
        page.goto(product.url + lesson.address)
        question = lesson.questions[0]
        for option in question.options:
            on_page = question_on(page, question)
            if on_page.get_by_text("Try again").count():
                on_page.get_by_text("Try again").click()
            on_page.get_by_label("fairly sure").check(force=True)
            choose(on_page, question, option)
            expect_feedback(on_page, option)
            assert page.url.endswith(f"{lesson.address}#question-{question.id}")
    context.close()


@pytest.fixture(params=["light", "dark"])
def themed(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page in one theme, without movement."""
    theme: Any = request.param
    context = browser.new_context(color_scheme=theme, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.mark.soak
def test_axe_finds_nothing_on_the_map_and_in_lessons(themed: Page, product: Product) -> None:
    themed.goto(f"{product.url}/lessons")
    expect_no_violation(themed)
    for lesson in RICHEST:
        themed.goto(product.url + lesson.address)
        expect_no_violation(themed)
        answer_in_both_ways(themed, lesson)
        expect_no_violation(themed)
    themed.goto(f"{product.url}/lessons/nowhere")
    expect_no_violation(themed)


def answer_in_both_ways(page: Page, lesson: Lesson) -> None:
    """The first question wrong, the second right, so that both kinds of feedback are on the page."""
    for question, right in zip(lesson.questions[:2], (False, True), strict=True):
        option = next(option for option in question.options if option.right is right)
        choose(question_on(page, question), question, option)
        expect_feedback(question_on(page, question), option)
    page.locator(".others summary").click()


def expect_no_violation(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.soak
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_no_lesson_scrolls_sideways(browser: Browser, product: Product, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 640})
    page = context.new_page()
    page.goto(f"{product.url}/lessons")
    expect_no_sideways_scroll(page)
    for lesson in LESSONS:
        page.goto(product.url + lesson.address)
        expect_no_sideways_scroll(page)
        assert cut_off(page) == [], f"{lesson.slug} at {width} px"
    context.close()


def cut_off(page: Page) -> list[str]:
    """Texts in figures that stick out of their figure."""
    found: list[str] = page.evaluate(
        """[...document.querySelectorAll('.drawing')].flatMap(figure => {
            const room = figure.getBoundingClientRect();
            const texts = [...figure.querySelectorAll('[aria-hidden] text, [aria-hidden] p, [aria-hidden] span')];
            return texts.filter(text => {
                const box = text.getBoundingClientRect();
                return box.width && (box.left < room.left || box.right > room.right || box.top < room.top);
            }).map(text => figure.id + ': ' + text.textContent);
        })"""
    )
    return found


@pytest.mark.soak
def test_the_text_has_about_65_characters_a_line(page: Page, product: Product) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(product.url + LESSONS[0].address)

    characters_a_line = page.evaluate(
        """(() => {
            const text = [...document.querySelectorAll('.essay > p')].reduce((a, b) =>
                a.textContent.length > b.textContent.length ? a : b);
            const lines = text.getBoundingClientRect().height / parseFloat(getComputedStyle(text).lineHeight);
            return text.textContent.length / Math.round(lines);
        })()"""
    )
    assert 52 <= characters_a_line <= 75
