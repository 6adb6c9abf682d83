"""Takes the README's pictures of the running product: `make screenshots`."""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tests.browser.chromium import NONE_FOUND, find_browser
from tests.product import ROOT, running

PICTURES = ROOT / "docs"
WIDE: ViewportSize = {"width": 1280, "height": 1620}
PHONE: ViewportSize = {"width": 360, "height": 800}
COLOURS = 128
SOON_MS = 20_000
HALF_WAY = re.compile("update stock|tell analytics|call the partner")


def a_crash(page: Page) -> None:
    """A worker is killed at its work, and its message's time-out counts down."""
    place_both(page)
    place_others(page, 2)
    page.get_by_role("button", name="Kill w").click()
    expect(page.locator(".worker-dead .countdown")).to_be_visible(timeout=SOON_MS)
    take(page, "crash-light-1280", from_top_of="#lanes")
    expect(page.locator("#result")).to_be_visible(timeout=2 * SOON_MS)
    expect(page.locator(".rail-wheel .ticket, .worker-busy, .worker-dead")).to_have_count(0, timeout=3 * SOON_MS)


def a_race(light: Page, dark: Page, phone: Page) -> None:
    """Both orders are under way: the right customer has gone, the left one is still there."""
    place_both(light)
    place_others(light, 3)
    expect(light.locator(".lane-now .sentence")).to_contain_text(HALF_WAY, timeout=SOON_MS)
    for screen in (dark, phone):
        expect(screen.locator(".lane-later .sentence")).to_contain_text("Success", timeout=SOON_MS)
    take(light, "race-light-1280")
    take(dark, "race-dark-1280")
    take(phone, "race-light-360", from_top_of="#lanes")


def an_evening(page: Page) -> None:
    """The control room after a poisoned message and a flood, and a moment after a crash."""
    page.locator("#poison-1").click()
    dark = same_visitor(page, WIDE, "dark")
    expect(page.locator(".kind")).to_be_visible(timeout=2 * SOON_MS)
    page.locator("#flood-1").click()
    expect(page.locator(".force")).to_be_visible(timeout=SOON_MS)
    expect(page.locator(".force")).to_be_hidden(timeout=SOON_MS)
    page.locator("#crash-1").click()
    for screen, scheme in ((page, "light"), (dark, "dark")):
        expect(screen.locator(".hand-dead")).to_be_visible(timeout=SOON_MS)
        take(screen, f"control-room-{scheme}-1280")


def place_both(page: Page) -> None:
    """Place the race, and wait until a worker has the right order."""
    page.get_by_role("radio", name="about 1 s").check()
    page.locator("#place-both").click()
    expect(page.locator(".lane-later .handed")).to_contain_text("taken by", timeout=SOON_MS)


def place_others(page: Page, count: int) -> None:
    """Orders beside the race, so that tickets wait on the wheel."""
    for _ in range(count):
        with page.expect_response(lambda answer: answer.url.endswith("/orders")):
            page.get_by_role("button", name="Place another").click()


def same_visitor(page: Page, viewport: ViewportSize, scheme: Literal["light", "dark"], sharpness: int = 1) -> Page:
    """Another screen on which the visitor looks at the same sandbox."""
    browser = page.context.browser
    assert browser
    other = browser.new_context(
        viewport=viewport,
        color_scheme=scheme,
        device_scale_factor=sharpness,
        storage_state=page.context.storage_state(),
    )
    screen = other.new_page()
    screen.goto(page.url)
    return screen


def take(page: Page, name: str, from_top_of: str = "body") -> None:
    """What a screen shows now, in few colours, which is enough and small."""
    page.locator(from_top_of).evaluate("it => it.scrollIntoView({behavior: 'instant'})")
    shot = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    path = PICTURES / f"{name}.png"
    shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"  {path.relative_to(ROOT)}, {path.stat().st_size / 1024:.0f} KB", flush=True)


def main() -> int:
    """Start the product on a folder of its own and take all pictures; the exit status."""
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        options = find_browser(playwright)
        if options is None:
            print(NONE_FOUND, file=sys.stderr)
            return 1
        with running(Path(folder)) as product, playwright.chromium.launch(**options) as browser:
            page = browser.new_page(viewport=WIDE, color_scheme="light")
            page.goto(product.url)
            a_crash(page)
            a_race(page, same_visitor(page, WIDE, "dark"), same_visitor(page, PHONE, "light", sharpness=2))
            page.goto(f"{product.url}/control-room")
            an_evening(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
