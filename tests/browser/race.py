"""What a person does on the race page, as verbs for the browser tests."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import APIRequestContext, Locator, Page, Request, expect

from tests.product import Product

JSON = {"Accept": "application/json"}


def start_race(page: Page, product: Product, prediction: str = "about 1 s") -> None:
    """Open the page, guess, and press the one button."""
    page.goto(product.url)
    page.get_by_label(prediction).check()
    page.get_by_role("button", name="Place the order, both ways").click()


def start_quick_race(page: Page, product: Product, speed: int = 10, visibility_timeout_s: int = 2) -> None:
    """The same in a sandbox that runs faster from the beginning."""
    page.goto(product.url)
    token = page.locator("input[name=csrf_token]").first.input_value()
    made = page.request.post(f"{product.url}/sandboxes", form={"csrf_token": token}, headers={"Accept": "text/html"})
    assert made.ok, made.text()
    page.reload()
    make_quick(page, speed, visibility_timeout_s)
    page.get_by_label("about 1 s").check()
    button(page, "Place the order, both ways").click()


def make_quick(page: Page, speed: int = 10, visibility_timeout_s: int = 2) -> None:
    """Bring the visitor's sandbox to this speed and time-out; the highest and the shortest, if nothing is said."""
    script = script_of(page)
    token = page.locator("input[name=csrf_token]").first.input_value()
    quick = {"speed": speed, "visibility_timeout_s": visibility_timeout_s}
    changed = script.http.patch(script.sandbox, data=quick, headers=JSON | {"X-CSRFToken": token})
    assert changed.ok, changed.text()


@dataclass
class Script:
    """Acts with a browser's own cookie, in the browser's own sandbox."""

    sandbox: str  # its address
    http: APIRequestContext

    def get(self, part: str = "") -> Any:
        """What this part of the sandbox says, as JSON."""
        return self.http.get(self.sandbox + part, headers=JSON).json()


def script_of(page: Page) -> Script:
    """The script that belongs to a page which has a sandbox."""
    expect(page.locator("#lab[hx-get]")).to_be_attached()
    address = page.locator("#lab").get_attribute("hx-get") or ""
    return Script(urljoin(page.url, address), page.context.request)


def ledger(page: Page) -> dict[str, int]:
    found: dict[str, int] = script_of(page).get()["ledger"]
    return found


def lane(page: Page, checkout: str) -> Locator:
    return page.locator(f".lane-{checkout}")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name)


def waited_by_browser(request: Request) -> dict[str, float]:
    """How long the browser waited for the answer to an order that it had sent, in seconds, by the order's way."""
    way = re.search(r"now|later", request.post_data or "") if request.url.endswith("/orders") else None
    return {way.group(): (request.timing["responseStart"] - request.timing["requestStart"]) / 1000} if way else {}


def both_orders(script: Script) -> list[dict[str, Any]]:
    return [script.get(f"/orders/{number}") for number in (1001, 1002)]


def expect_no_sideways_scroll(page: Page) -> None:
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1], f"{width[0]} px of content in {width[1]} px"


def expect_finished(page: Page, within_s: float = 40) -> None:
    expect(page.get_by_text("What she was spared")).to_be_visible(timeout=within_s * 1000)


def until(page: Page, look: Callable[[], object], what: str, within_s: float = 30) -> None:
    """Look again and again while the browser goes on; `eventually` would hold up the page's events."""
    end = time.monotonic() + within_s
    while not look():
        assert time.monotonic() < end, f"not within {within_s} s: {what}"
        page.wait_for_timeout(50)
