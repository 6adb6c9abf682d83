"""The labs of lesson 7 in a real browser: floods and their answers, the narrow place, the wall."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.labs import expect_fine, look_until_over
from tests.product import Product

pytestmark = pytest.mark.browser

LABS = ("#lesson-lab", "#lesson-lab-narrow", "#lesson-lab-wall")

LESSON = "/lessons/backpressure"
OVER_MS = 60_000


def bench(page: Page, product: Product, name: str = "") -> Locator:
    page.goto(product.url + LESSON)
    return page.locator(f"#lesson-lab{name}")


def choose(page: Page, *ids: str) -> None:
    for each in ids:
        page.locator(f"#{each}").check(force=True)  # the radio lies over its text without being seen


def expect_over(lab: Locator, name: str = "") -> None:
    expect(lab.locator(f"#lesson-lab{name}-poll")).to_have_count(0, timeout=OVER_MS)


def test_a_flood_is_predicted_run_refused_and_explained(page: Page, product: Product) -> None:
    lab = bench(page, product)
    choose(page, "lesson-lab-prediction-longer")
    page.locator("#lesson-lab-prediction-say").click()
    choose(page, "flood-workers-1", "flood-reject")
    page.locator("#flood-more-summary").click()
    choose(page, "flood-queue_limit-20")
    page.locator("#flood-run").click()
    expect(lab.locator("#flood-charts")).to_be_visible()
    expect(lab.locator("#chart-refused")).to_be_visible()

    expect_over(lab)
    expect(lab.locator(".flood-words").first).to_contain_text("messages a second were accepted, and one worker did")
    expect(lab.locator("#lesson-lab-bench")).to_contain_text("page views were refused with 429")
    expect(lab.locator("#flood-runs tbody tr")).to_have_count(1)
    expect(lab.locator(".lab-task-done")).to_have_count(2)


def test_the_narrow_place_is_found_by_looking(page: Page, product: Product) -> None:
    lab = bench(page, product, "-narrow")
    choose(page, "narrow-10")
    page.locator("#narrow-run").click()
    expect(page.locator("#narrow-cached")).to_have_count(0)
    page.locator("#narrow-profile").click()
    expect(page.locator("#narrow-profile-table")).to_contain_text("10 workers")
    expect_over(lab, "-narrow")
    choose(page, "narrow-2", "narrow-cached")
    page.locator("#narrow-run").click()
    expect(lab.locator("#narrow-runs")).to_contain_text("2 workers, answers are remembered")
    expect_over(lab, "-narrow")


@pytest.mark.soak
@pytest.mark.timeout(400)
def test_one_worker_alone_and_the_observation(page: Page, product: Product) -> None:
    lab = bench(page, product)
    choose(page, "flood-workers-1")
    page.locator("#flood-run").click()
    expect(lab.locator("#flood-clear-button")).to_be_visible(timeout=30_000)
    expect(lab.locator("#lesson-lab-poll")).to_have_count(0, timeout=200_000)
    choose(page, "lesson-lab-observation-longer")
    page.locator("#lesson-lab-observation-say").click()

    expect(lab.locator("#lesson-lab-observed")).to_contain_text("The record agrees.")


@pytest.mark.soak
@pytest.mark.timeout(400)
def test_the_wall_is_met_dot_by_dot(page: Page, product: Product) -> None:
    lab = bench(page, product, "-wall")
    for busy in ("wall-u50", "wall-u95"):
        choose(page, "wall-1", busy)
        page.locator("#wall-run").click()
        expect(lab.locator("#lesson-lab-wall-poll")).to_be_attached()
        expect(lab.locator("#lesson-lab-wall-poll")).to_have_count(0, timeout=120_000)
    expect(lab.locator("#wall-runs tbody tr")).to_have_count(2)
    expect(lab.locator(".wall-dot")).to_have_count(2)


@pytest.mark.soak
@pytest.mark.timeout(400)
def test_without_javascript_one_looks_again(browser: Browser, product: Product) -> None:
    context = browser.new_context(java_script_enabled=False, reduced_motion="reduce")
    page = context.new_page()
    lab = bench(page, product)
    choose(page, "flood-workers-10")
    page.locator("#flood-run").click()
    assert page.url.endswith(f"{LESSON}#lesson-lab")
    look_until_over(page, looks=200)
    expect(lab.locator("#flood-runs")).to_contain_text("10 workers")
    context.close()


@pytest.mark.soak
@pytest.mark.timeout(400)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(narrow: Page, product: Product) -> None:
    lab = bench(narrow, product)
    narrow.locator("#flood-more-summary").click()
    choose(narrow, "flood-workers-10", "flood-reject", "flood-prioritise", "flood-shed")
    expect_fine(narrow, *LABS)
    narrow.locator("#flood-run").click()
    expect(lab.locator("#flood-charts")).to_be_visible()
    expect_fine(narrow, *LABS)
    expect_over(lab)
    choose(narrow, "narrow-10")
    narrow.locator("#narrow-run").click()
    narrow.locator("#narrow-profile").click()
    expect(narrow.locator("#narrow-profile-table")).to_be_visible()
    expect_fine(narrow, *LABS)
