"""The reader's voice in a real browser: said, seen by another, taken back; nothing is lost and nothing runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from lessons.course import course
from tests.browser.race import expect_no_sideways_scroll
from tests.product import Product

pytestmark = pytest.mark.browser

LESSONS = course().lessons
HOSTILE = "<img src=x onerror=alert(1)>\u202eBuy\n" + "W" * 300 + " שלום עולם"


@pytest.fixture
def other(browser: Browser) -> Iterator[Page]:
    """Another reader, without JavaScript."""
    context = browser.new_context(java_script_enabled=False, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def say(page: Page, text: str) -> None:
    page.get_by_label("Ask, answer or object").fill(text)
    page.get_by_role("button", name="Post", exact=True).click()


def test_two_readers_talk_and_one_of_them_has_no_javascript(page: Page, other: Page, product: Product) -> None:
    address = product.url + LESSONS[0].address
    page.goto(address)
    other.goto(address)
    say(other, "Why a wheel?")
    expect(other.locator(".post-text")).to_have_text(["Why a wheel?"])
    expect(other).to_have_url(re.compile("#voice$"))

    say(page, "Because it turns.")

    expect(page.locator(".post-text")).to_have_text(["Why a wheel?", "Because it turns."])
    expect(page.locator(".voice-done")).to_be_focused()
    expect(page.get_by_label("Ask, answer or object")).to_have_value("")

    page.get_by_label("Ask, answer or object").fill("half a thought")
    page.get_by_role("button", name="Report").click()
    expect(page.locator(".post-reported")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".post-text")).to_have_text(["Why a wheel?"])
    expect(page.get_by_label("Ask, answer or object")).to_have_value("half a thought")

    other.get_by_role("button", name="Delete").click()
    expect(other.locator(".post-text")).to_have_count(0)


@pytest.mark.soak
def test_whether_it_helped_is_said_changed_and_taken_back(page: Page, other: Page, product: Product) -> None:
    for reader in (page, other):
        reader.goto(product.url + LESSONS[1].address)
        reader.get_by_label("yes", exact=True).check(force=True)
        reader.get_by_label("A remark").fill("The sorting made it plain.")
        reader.get_by_role("button", name="Send").click()
        expect(reader.locator("#helpful")).to_contain_text("You said yes")
        reader.reload()
        expect(reader.get_by_label("A remark")).to_have_value("The sorting made it plain.")
        reader.get_by_label("no", exact=True).check(force=True)
        reader.get_by_role("button", name="Change it").click()
        expect(reader.locator("#helpful")).to_contain_text("You said no")
        reader.get_by_role("button", name="Take it back").click()
        expect(reader.get_by_role("button", name="Send")).to_be_visible()


@pytest.mark.soak
def test_a_refused_text_stays_in_the_form(page: Page, product: Product) -> None:
    page.goto(product.url + LESSONS[2].address)
    box = page.get_by_label("Ask, answer or object")
    box.evaluate("box => box.removeAttribute('maxlength')")

    say(page, "Begin. " + "x" * 2000)

    expect(page.locator("#notices")).to_contain_text("at most 2,000")
    assert box.input_value().startswith("Begin. ")
    say(page, "Shorter.")
    expect(page.locator(".post-text")).to_have_text(["Shorter."])
    expect(page.locator("#notices")).to_be_empty()


@pytest.mark.soak
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_a_hostile_post_harms_nobody(
    browser: Browser, product: Product, theme: Any, width: int
) -> None:
    lesson = LESSONS[3]
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(product.url + lesson.address)
    say(page, HOSTILE)
    expect(page.locator(".post-mine .post-text")).to_have_text(HOSTILE.replace("\u202e", ""))
    expect(page.locator(".post img")).to_have_count(0)
    for address in (lesson.address, f"{lesson.address}/posts", "/operator"):
        page.goto(product.url + address)
        expect_no_sideways_scroll(page)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{address}: {found.generate_report()}"
    context.close()


@pytest.mark.soak
def test_the_operator_hides_and_deletes(page: Page, other: Page, product: Product) -> None:
    other.goto(product.url + LESSONS[4].address)
    say(other, "Buy my watch.")
    expect(other.locator(".post-text")).to_have_text(["Buy my watch."])
    page.goto(f"{product.url}/operator")
    page.get_by_label("Secret").fill((product.data_dir / "operator-secret").read_text())
    page.get_by_role("button", name="Sign in").click()
    mine = page.locator(".post", has_text="Buy my watch.")

    mine.get_by_role("button", name="Hide").click()
    expect(mine).to_contain_text("hidden")
    other.reload()
    expect(other.locator(".post")).to_contain_text(re.compile("you alone see it"))
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    mine.get_by_role("button", name="Delete").click()
    expect(mine).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Secret")).to_be_visible()
