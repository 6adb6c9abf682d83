"""How the page behaves: quiet polls, no stolen focus, an honest banner, every size, theme and way of reading."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Response, expect

from tests.browser.race import (
    both_orders,
    button,
    expect_finished,
    lane,
    ledger,
    script_of,
    start_quick_race,
    start_race,
    until,
)
from tests.product import Product, running

pytestmark = pytest.mark.browser


@pytest.fixture
def own_product(tmp_path: Path) -> Iterator[Product]:
    """An instance for a test that harms it."""
    with running(tmp_path / "data") as started:
        yield started


def polls_of(page: Page) -> list[Response]:
    """The answers to the page's polls, as they come."""
    seen: list[Response] = []
    page.on("response", lambda answer: seen.append(answer) if is_poll(answer.request) else None)
    return seen


def is_poll(request: Request) -> bool:
    return request.method == "GET" and "/sandboxes/" in request.url and "hx-request" in request.headers


def test_an_unchanged_poll_is_304_without_a_body_and_sets_no_cookie(page: Page, product: Product) -> None:
    finish_a_quick_race(page, product)
    polls = polls_of(page)

    until(page, lambda: sum(poll.status == 304 for poll in polls) >= 3, "three polls that found nothing new")

    quiet = [poll for poll in polls if poll.status == 304]
    assert all("set-cookie" not in poll.all_headers() for poll in quiet)
    assert all(int(poll.header_value("content-length") or 0) == 0 for poll in quiet)


def test_a_hidden_tab_does_not_poll_and_catches_up_when_it_is_seen_again(page: Page, product: Product) -> None:
    finish_a_quick_race(page, product)
    polls = polls_of(page)

    page.evaluate("Object.defineProperty(document, 'hidden', {configurable: true, get: () => true})")
    asked_before = len(polls)
    wait_by_the_servers_clock(page, seconds=1.5)  # three polls' time in which nothing may be asked
    assert len(polls) <= asked_before + 1  # one may have been under way

    page.evaluate("delete document.hidden")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    until(page, lambda: len(polls) > asked_before + 1, "a poll of the tab that is seen again")


def test_polls_keep_focus_selection_open_details_and_an_unsent_guess(page: Page, product: Product) -> None:
    start_race(page, product)
    expect(page.locator(".kitchen")).to_be_visible()
    page.locator("#why-ledger summary").click()
    page.get_by_label("about 6 s").check()
    button(page, "Place another").focus()
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#headline'))")
    polls = polls_of(page)

    until(page, lambda: sum(poll.status == 200 for poll in polls) >= 6, "six polls that found something new")

    assert page.evaluate("document.activeElement.id") == "do-place"
    assert "waits for nine" in page.evaluate("getSelection().toString()")
    assert page.locator("#why-ledger").get_attribute("open") is not None
    expect(page.get_by_label("about 6 s")).to_be_checked()


def test_the_page_says_when_the_server_is_away_and_recovers_by_itself(page: Page, own_product: Product) -> None:
    start_race(page, own_product)
    expect(lane(page, "later")).to_contain_text("Success", timeout=15_000)
    web = own_product.process_of("granian")

    web.suspend()
    for worker in web.children():
        worker.suspend()
    expect(page.locator("#offline")).to_be_visible(timeout=30_000)

    for worker in web.children():
        worker.resume()
    web.resume()
    expect(page.locator("#offline")).to_be_hidden(timeout=30_000)
    expect_finished(page, within_s=60)


def test_everything_works_without_javascript(browser: Browser, product: Product) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(product.url)
    expect(page.locator("#lab")).to_contain_text("the right one 0.9 s")

    page.get_by_label("about 13 s").check()
    button(page, "Place the order, both ways").click()  # the browser waits, like the customer on the left

    expect(lane(page, "now")).to_contain_text("Success")
    expect(lane(page, "later")).to_contain_text("Success at 0.9")
    until(page, lambda: all(order["complete"] for order in both_orders(script_of(page))), "both orders complete")
    page.reload()
    expect(page.locator(".figure-said")).to_contain_text("about 13 s")
    button(page, "the same").click()
    expect(page.locator("#observed")).to_contain_text("That is what happened")
    button(page, "Kill w").click()
    expect(page.locator(".worker-dead")).to_contain_text("killed")
    button(page, "Place another").click()
    assert ledger(page)["placed"] == 3
    context.close()


def test_the_whole_race_can_be_run_by_keyboard(page: Page, product: Product) -> None:
    page.goto(product.url)
    press_until(page, "#predict input", "Tab")
    page.keyboard.press("Space")
    press_until(page, "#place-both", "Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".worker-busy")).to_be_visible(timeout=15_000)

    press_until(page, "#do-kill", "Tab")
    page.keyboard.press("Enter")

    expect(page.locator(".worker-dead")).to_be_visible(timeout=10_000)


def press_until(page: Page, selector: str, key: str) -> None:
    """Press a key until the element has the focus, and the focus can be seen."""
    for _ in range(60):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            near = page.evaluate("getComputedStyle(document.activeElement.parentElement).outlineStyle")
            assert "none" not in (outline, near) or outline != near, f"{selector} does not show its focus"
            return
    raise AssertionError(f"{selector} cannot be reached with {key}")


def wait_by_the_servers_clock(page: Page, seconds: float) -> None:
    script = script_of(page)
    start = datetime.fromisoformat(script.get()["at"])
    until(page, lambda: (datetime.fromisoformat(script.get()["at"]) - start).total_seconds() >= seconds, "the time")


def finish_a_quick_race(page: Page, product: Product) -> None:
    start_quick_race(page, product)
    expect_finished(page)
