"""What a person does who reads the course and takes her progress along, as verbs for the browser tests."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.race import button
from tests.product import Product


def make_code(page: Page, product: Product) -> str:
    """A new resume code, read from the page that shows it once."""
    page.goto(f"{product.url}/progress")
    button(page, "Make a resume code").click()
    words = page.locator(".progress-fresh span")
    expect(words).to_have_count(4)
    return " ".join(words.all_inner_texts())


def letters(text: str) -> str:
    """A text without what Markdown and HTML write differently."""
    return "".join(character for character in text if character.isalnum())
