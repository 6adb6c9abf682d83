"""The whole course as a reader goes through it, in a real browser and again with JavaScript off."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from lessons.course import course
from lessons.lesson import Lesson
from lessons.practice import practice
from lessons.quiz import Option
from tests.browser.readers import letters, make_code
from tests.product import Product

pytestmark = pytest.mark.browser

LESSONS = course().lessons
SCENARIOS = practice().questions
Through = Callable[[Page, Product, Lesson], None]


def expect_feedback(page: Page, question: str, option: Option) -> None:
    said = page.locator(f"#question-{question} .feedback-{'yes' if option.right else 'no'} p").last
    assert letters(option.feedback) == letters(said.text_content() or "")


# Takes up every question that is named, where needed again, chooses the option and presses the button.
ANSWER_ALL = """async picks => {
    for (const [question, option] of Object.entries(picks)) {
        const find = selector => document.querySelector(`#question-${question} ${selector}`);
        find("> p > a.button")?.click();
        while (!find("> form")) await new Promise(requestAnimationFrame);
        find(`[name=option][value="${option}"]`).click();
        find("> form > button").click();
    }
}"""


def with_scripts(page: Page, product: Product, lesson: Lesson) -> None:
    """All questions at once, option after option, on one page that is never left."""
    for options in rounds(lesson):
        page.evaluate(ANSWER_ALL, {question: option.id for question, option in options.items()})
        for question, option in options.items():
            expect_feedback(page, question, option)


def rounds(lesson: Lesson) -> Iterator[dict[str, Option]]:
    """In each round one more option of each question; the right ones come last."""
    queues = {question.id: sorted(question.options, key=lambda option: option.right) for question in lesson.questions}
    while queues:
        yield {question: options.pop(0) for question, options in queues.items()}
        queues = {question: options for question, options in queues.items() if options}


# The browser's own form, without a script of the page: chooses an option and sends it.
SEND_FORM = """([question, option]) => {
    const form = document.querySelector(`#question-${question} > form`);
    form.querySelector(`[name=option][value="${option}"]`).checked = true;
    form.requestSubmit();
}"""


def with_forms(page: Page, product: Product, lesson: Lesson) -> None:
    """Question after question: a form, an answer, the link that asks again."""
    for question in lesson.questions:
        for option in sorted(question.options, key=lambda option: option.right):
            page.goto(f"{product.url}{lesson.address}?again={question.id}")
            with page.expect_navigation():
                page.evaluate(SEND_FORM, [question.id, option.id])
            expect_feedback(page, question.id, option)


@pytest.mark.parametrize(
    ("scripts", "answer_all"),
    [
        pytest.param(True, with_scripts, id="with JavaScript"),
        pytest.param(False, with_forms, id="without JavaScript", marks=pytest.mark.soak),
    ],
)
def test_the_whole_course(browser: Browser, product: Product, scripts: bool, answer_all: Through) -> None:
    reader, elsewhere = (
        browser.new_context(java_script_enabled=scripts, reduced_motion="reduce").new_page() for _ in range(2)
    )
    read_everything(reader, product, answer_all)
    practise(reader, product, right=False)
    practise(reader, product, right=True)
    code = make_code(reader, product)

    elsewhere.goto(f"{product.url}/progress")
    elsewhere.get_by_label("I have a resume code").fill(code)
    elsewhere.get_by_role("button", name="Go on from there").click()
    expect(elsewhere.get_by_text("You have a resume code")).to_be_visible()
    elsewhere.goto(f"{product.url}/lessons")
    expect(elsewhere.locator(".course-facts .state-done").filter(has_text="right")).to_have_count(len(LESSONS))
    for page in (reader, elsewhere):
        page.context.close()


def read_everything(page: Page, product: Product, answer_all: Through) -> None:
    """From the map through all lessons by the link to the next one, every option of every question on the way."""
    page.goto(product.url)
    page.get_by_role("link", name="Course").click()
    page.get_by_role("link", name=LESSONS[0].front.title).click()
    for lesson in LESSONS:
        expect(page).to_have_title(f"{lesson.front.title} · Lesson {lesson.number} · Ticketwheel")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        answer_all(page, product, lesson)
        if lesson != LESSONS[-1]:
            page.locator("a[rel=next]").click()
    expect(page.locator("a[rel=next]")).to_have_count(0)


def practise(page: Page, product: Product, right: bool) -> None:
    """A whole round, all right or all wrong, to its summary."""
    page.goto(f"{product.url}/practice")
    again = page.get_by_role("button", name="All again")
    if again.count():
        again.click()
    for scenario in SCENARIOS:
        expect(page.get_by_role("heading", name=scenario.title, exact=True)).to_be_visible()
        option = next(option for option in scenario.options if option.right is right)
        page.locator(f'[name=option][value="{option.id}"]').check()
        page.get_by_role("button", name="Answer").click()
        expect(page.locator(".feedback-yes" if right else ".feedback-no")).to_be_visible()
        page.get_by_role("link", name="See the summary" if scenario == SCENARIOS[-1] else "Next scenario").click()
    score = len(SCENARIOS) if right else 0
    expect(page.get_by_role("heading", name=f"{score} of {len(SCENARIOS)} right")).to_be_visible()
