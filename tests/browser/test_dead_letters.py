"""The pages of the dead letters: found, opened, replayed and deleted by a person, with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.race import JSON, button, expect_no_sideways_scroll, until
from tests.browser.seeing import expect_no_violation
from tests.product import Product

pytestmark = pytest.mark.browser

GROUP = "email: mail server answered 550"


@dataclass
class Desk:
    """A visitor's dead letters, and what she or the world does about them behind the page's back."""

    page: Page
    sandbox: str  # its whole address
    token: str

    def open(self, question: str = "") -> Page:
        self.page.goto(f"{self.sandbox}/dead-letters{question}")
        return self.page

    def ask(self, part: str = "") -> Any:
        return self.page.request.get(self.sandbox + part, headers=JSON).json()

    def send(self, part: str, **body: Any) -> None:
        done = self.page.request.post(self.sandbox + part, data=body, headers=JSON | {"X-CSRFToken": self.token})
        assert done.ok, done.text()

    def poison(self, count: int) -> None:
        """So many more messages fail."""
        there = self.ask("/dead-letters")["count"]
        for _ in range(count):
            self.send("/poison")
        until(self.page, lambda: self.ask("/dead-letters")["count"] == there + count, "they have failed")


@pytest.fixture
def desk(context: BrowserContext, page: Page, product: Product) -> Desk:
    """Three dead letters of one kind, and a script-running browser."""
    return desk_of(page, product)


@pytest.fixture
def plain_desk(browser: Browser, product: Product) -> Iterator[Desk]:
    """The same without JavaScript."""
    context = browser.new_context(java_script_enabled=False)
    yield desk_of(context.new_page(), product)
    context.close()


def desk_of(page: Page, product: Product) -> Desk:
    page.goto(product.url)
    token = page.locator("input[name=csrf_token]").first.input_value()
    page.request.post(f"{product.url}/sandboxes", form={"csrf_token": token}, headers={"Accept": "text/html"})
    page.goto(product.url)
    address = page.locator("#lab").get_attribute("hx-get") or ""
    desk = Desk(page, product.url + address, page.locator("input[name=csrf_token]").first.input_value())
    quick = {"speed": 10, "attempts": 1}
    page.request.patch(desk.sandbox, data=quick, headers=JSON | {"X-CSRFToken": desk.token})
    desk.poison(3)
    return desk


def test_a_letter_is_opened_where_it_lies_and_stays_open_when_others_come(desk: Desk) -> None:
    page = desk.open()
    page.locator("summary").nth(1).click()
    expect(page.locator(".dead-traceback")).to_contain_text("StepUnavailable")

    desk.poison(1)

    expect(page.locator(".dead-letter")).to_have_count(4)
    expect(page.locator("details[open] .dead-traceback")).to_contain_text("StepUnavailable")


def test_typing_and_focus_survive_a_list_that_changes(desk: Desk) -> None:
    page = desk.open()
    page.get_by_label("Search errors").press_sequentially("no dom")

    desk.poison(1)

    expect(page.locator(".dead-letter")).to_have_count(4)
    expect(page.get_by_label("Search errors")).to_be_focused()
    expect(page.get_by_label("Search errors")).to_have_value("no dom")


def test_a_group_is_replayed_after_saying_how_many(desk: Desk) -> None:
    page = desk.open()
    page.get_by_role("link", name=f"Replay 3 of {GROUP}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Replay 3 letters of “{GROUP}”?")

    button(page, "Replay 3").click()

    expect(page.get_by_text("The last replay put 3 of 3 back on the queue.")).to_be_visible()
    until(page, lambda: desk.ask("/dead-letters")["count"] == 3, "they have failed again")
    expect(page.locator(".dead-letter")).to_have_count(3)


def test_if_the_number_changed_she_is_asked_again(desk: Desk) -> None:
    page = desk.open()
    page.get_by_role("link", name="Delete all").click()
    desk.poison(1)

    button(page, "Delete 3").click()

    expect(page.get_by_role("alert").filter(has_text="There are 4 by now")).to_be_visible()
    assert desk.ask("/dead-letters")["count"] == 4
    button(page, "Delete 4").click()
    expect(page.get_by_text("4 letters are deleted")).to_be_visible()


def test_a_mistaken_click_is_undone(desk: Desk) -> None:
    page = desk.open()
    button(page, "Delete order").first.click()
    expect(page.locator(".dead-letter")).to_have_count(2)

    button(page, "Bring it back").click()

    expect(page.locator(".dead-letter")).to_have_count(3)
    expect(page.get_by_text("deleted")).to_have_count(0)


def test_one_letter_is_replayed_at_once(desk: Desk) -> None:
    page = desk.open()

    button(page, "Replay order").last.click()

    expect(page.get_by_text("The last replay put 1 of 1")).to_be_visible()
    until(page, lambda: desk.ask("/dead-letters")["count"] == 3, "it has failed again")


def test_a_search_narrows_groups_and_letters(desk: Desk) -> None:
    page = desk.open()
    page.get_by_label("Search errors").fill("1002")
    button(page, "Search").click()
    expect(page.locator(".dead-letter")).to_have_count(1)
    expect(page.locator(".dead-groups tbody tr")).to_have_count(1)

    page.get_by_role("link", name="Replay these").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Replay 1 letter with “1002”?")


def test_everything_is_there_without_javascript(plain_desk: Desk) -> None:
    page = plain_desk.open()
    page.get_by_role("link", name=GROUP, exact=True).click()
    expect(page.locator(".dead-letter")).to_have_count(3)
    page.locator("summary").first.click()
    page.get_by_role("link", name="Open this letter").first.click()
    expect(page.locator(".dead-traceback")).to_contain_text("StepUnavailable")
    button(page, "Delete order").click()
    expect(page.locator(".dead-letter")).to_have_count(2)
    button(page, "Bring it back").click()
    expect(page.locator(".dead-letter")).to_have_count(3)
    page.get_by_role("link", name="Replay all").click()
    button(page, "Replay 3").click()
    expect(page.get_by_text("The last replay put 3 of 3")).to_be_visible()


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_every_state_fits_and_axe_finds_nothing(desk: Desk, width: int) -> None:
    page = desk.page
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 740})
    message = desk.ask("/dead-letters")["letters"][0]["message"]
    for part in ("", "?search=nothing", f"/{message}", "/replays/new", "/deletions/new?group=nothing"):
        desk.open(part)
        if not part:
            page.locator("summary").first.click()
            expect(page.locator(".dead-traceback")).to_be_visible()
        expect_no_sideways_scroll(page)
        expect_no_violation(page)
    button(desk.open(), "Delete order").first.click()
    expect(button(page, "Bring it back")).to_be_visible()
    expect_no_violation(page)


def test_by_keyboard_alone_a_letter_is_opened_and_all_are_replayed(desk: Desk) -> None:
    page = desk.open()
    press_until(page, "summary")
    page.keyboard.press("Enter")
    expect(page.locator(".dead-traceback")).to_be_visible()
    page.keyboard.press("Home")
    page.locator("h1").click()
    press_until(page, "a[href*='replays/new']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Replay 3"))
    press_until(page, "form button")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The last replay put 3 of 3")).to_be_visible()


def press_until(page: Page, selector: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with Tab")
