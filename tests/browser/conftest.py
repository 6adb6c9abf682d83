"""Chromium for the browser tests, and a page that fails its test when a script of ours does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.browser.chromium import browser_or_skip

# How long a machine may take that does other things as well; what is there is seen at once.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(playwright: Playwright) -> dict[str, Any]:
    return browser_or_skip(playwright)


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Without movement: drawing it in software would take the processor from the product that is looked at."""
    return {**browser_context_args, "reduced_motion": "reduce"}


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which an error of a script, or a violation of the content security policy, is a failure."""
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: complaints.append(message.text) if "Security Policy" in message.text else None)
    yield opened
    assert complaints == []


@pytest.fixture(params=["light", "dark"])
def narrow(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page as narrow as any, in one theme, without movement."""
    theme: Any = request.param
    context = browser.new_context(color_scheme=theme, reduced_motion="reduce", viewport={"width": 320, "height": 640})
    yield context.new_page()
    context.close()
