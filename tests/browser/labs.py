"""What a person does at any lesson's lab, as verbs for the browser tests."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.race import expect_no_sideways_scroll

LAB = "#lesson-lab"


def say(page: Page, kind: str, choice: str, lab: str = LAB) -> None:
    """Commit to a prediction or to an observation; the radio lies over its words without being seen."""
    page.locator(f"{lab}-{kind}-{choice}").check(force=True)
    page.locator(f"{lab}-{kind}-say").click()


def look_until_over(page: Page, lab: str = LAB, looks: int = 100) -> None:
    """Follow the link, which has to load the page although the address is that of the lab already."""
    for _ in range(looks):
        page.wait_for_load_state()  # the answer to a click has begun, and may not be all there
        again = page.locator(f"{lab} noscript a")
        if not again.count():
            return
        page.wait_for_timeout(200)
        again.click()
    raise AssertionError("the run does not end")


def expect_fine(page: Page, *labs: str) -> None:
    """Axe finds nothing in the labs of the page, and nothing scrolls sideways."""
    for lab in labs or (LAB,):
        found = Axe().run(page, context=lab)
        assert found.violations_count == 0, found.generate_report()
    expect_no_sideways_scroll(page)
