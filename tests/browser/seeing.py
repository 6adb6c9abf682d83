"""How a page looks to axe: everything in the light theme, then in the dark one what a theme can change."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# To describe what is right takes axe longer than to look.
EVERYTHING: dict[str, Any] = {"resultTypes": ["violations"]}
ONLY_COLOURS = EVERYTHING | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def expect_no_violation(page: Page) -> None:
    """Neither theme breaks a rule."""
    for theme, options in (("light", EVERYTHING), ("dark", ONLY_COLOURS)):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        found = Axe().run(page, options=options)
        assert found.violations_count == 0, f"{page.url}, {theme}: {found.generate_report()}"
