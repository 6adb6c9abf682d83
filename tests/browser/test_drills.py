"""A drill of each kind in a real browser: seen on the page, named, mended by its buttons, and read as a story."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.race import JSON, button, expect_no_sideways_scroll
from tests.browser.seeing import expect_no_violation
from tests.product import Product
from workers.drills.kinds import KINDS, POISONS

pytestmark = pytest.mark.browser
PATIENT_MS = 60_000
NORMAL = "partner_down"


def go_on_call(page: Page, product: Product, kind: str) -> None:
    """Open a lab at the highest speed and begin a drill of this kind; the page's own button would draw one."""
    page.goto(f"{product.url}/control-room")
    button(page, "Open a lab").click()
    token = page.locator("input[name=csrf_token]").first.input_value()
    here = product.url + (page.locator("#room-poll").get_attribute("hx-get") or "").removesuffix("/control-room")
    headers = JSON | {"X-CSRFToken": token}
    assert page.request.patch(here, data={"speed": 10}, headers=headers).ok
    assert page.request.post(f"{here}/drills", data={"kind": kind}, headers=headers).ok
    page.get_by_label("½ s", exact=True).check()
    expect(page.get_by_text("You are on call")).to_be_visible()


def tile(name: str, pattern: str) -> Callable[[Page], None]:
    def look(page: Page) -> None:
        expect(page.locator(f"#room-tile-{name} b")).to_have_text(re.compile(pattern), timeout=PATIENT_MS)

    return look


def step(column: str, pattern: str) -> Callable[[Page], None]:
    def look(page: Page) -> None:
        row = page.get_by_role("row").filter(has_text="call the partner")
        expect(row.locator(f"[data-name={column}]")).to_have_text(re.compile(pattern), timeout=PATIENT_MS)

    return look


def silent(page: Page) -> None:
    expect(page.locator(".witness-bad").filter(has_text="silent for")).to_have_count(2, timeout=PATIENT_MS)
    expect(page.get_by_text("process exists")).to_have_count(2)
    expect(page.locator(".hand-frozen")).to_have_count(0)


def dying(page: Page) -> None:
    expect(page.locator(".hand-dead").first).to_be_visible(timeout=PATIENT_MS)


SEEN: dict[str, Callable[[Page], None]] = {
    "frozen_workers": silent,
    "no_workers": tile("workers", "of 0$"),
    "too_few_workers": tile("workers", "of 1$"),
    "crash_loop": dying,
    "partner_down": step("failed", "[1-9]"),
    "partner_flaky": step("failed", "[1-9]"),
    "partner_slow": step("took", r"0\.[6-9]|[1-9]\."),
    "poison": tile("dead", f"^{POISONS}$"),
    "flood": tile("flow", r"^([3-9]|\d\d)\.\d /"),
}


def press(button_id: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        with page.expect_response(lambda answer: answer.request.method == "POST" and answer.ok):
            page.locator(f"#{button_id}").click()

    return act


def hire(first: int, last: int) -> Callable[[Page], None]:
    """One after the other, as each is to be seen."""

    def act(page: Page) -> None:
        for count in range(first, last + 1):
            page.locator("#add-worker").click()
            tile("workers", f"of {count}$")(page)

    return act


def delete_letters(page: Page) -> None:
    page.locator("#mend-letters").click()
    page.get_by_role("link", name="Delete all").click()
    button(page, f"Delete {POISONS}").click()
    page.get_by_role("link", name="Control room").click()


MENDED: dict[str, Callable[[Page], None]] = {
    "frozen_workers": press("mend-thaw"),
    "no_workers": hire(1, 2),
    "too_few_workers": hire(2, 2),
    "crash_loop": press("mend-crashes"),
    "partner_down": press("mend-partner"),
    "partner_flaky": press("mend-partner"),
    "partner_slow": press("mend-partner"),
    "poison": delete_letters,
    "flood": hire(3, 8),
}


def play(page: Page, product: Product, kind: str) -> None:
    go_on_call(page, product, kind)
    SEEN[kind](page)
    page.locator("#guess-broker_wiped").check()
    page.locator("#say-guess").click()
    expect(page.get_by_text("not it:")).to_be_visible()
    MENDED[kind](page)
    expect(page.get_by_text("Customers are served again.")).to_be_visible(timeout=PATIENT_MS)
    page.locator(f"#guess-{kind}").check()
    page.locator("#say-guess").click()
    page.locator("#drill-story").click()
    expect(page.get_by_text("That was it.")).to_be_visible()
    expect(page.get_by_text("Customers were served again: mended.")).to_be_visible()
    expect(page.locator(".drill-sign").first).to_be_visible()


def test_a_drill_by_its_pages(page: Page, product: Product) -> None:
    play(page, product, NORMAL)
    expect_no_violation(page)
    button(page, "The same kind again").click()
    expect(page.get_by_text("You are on call")).to_be_visible()


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != NORMAL])
def test_a_drill_of_every_other_kind(page: Page, product: Product, kind: str) -> None:
    play(page, product, kind)


def test_polls_leave_a_guess_that_is_being_chosen_alone_and_keys_suffice(page: Page, product: Product) -> None:
    go_on_call(page, product, "no_workers")
    page.locator("#guess-flood").focus()
    page.keyboard.press("Space")
    page.locator("#drill-withheld summary").click()
    page.locator("#guess-flood").focus()
    tile("workers", "of 0$")(page)

    expect(page.locator("#guess-flood")).to_be_checked()
    expect(page.locator("#guess-flood")).to_be_focused()
    assert page.locator("#drill-withheld").get_attribute("open") is not None
    page.keyboard.press("Enter")
    expect(page.get_by_text("not it:")).to_be_visible()
    page.keyboard.press("f")  # freezing is refused while on call, and hidden
    expect(page.get_by_text("you are on call: nothing else can be broken")).to_be_visible()
    expect(page.locator("#freeze-1")).to_be_hidden()


@pytest.fixture
def plain_phone(browser: Browser) -> Iterator[Page]:
    """A small screen without JavaScript."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 640})
    yield context.new_page()
    context.close()


def test_without_javascript_on_a_phone(plain_phone: Page, product: Product) -> None:
    page = plain_phone
    page.goto(f"{product.url}/lessons/watching")
    button(page, "Start a drill").click()
    expect(page).to_have_url(f"{product.url}/control-room#drill")
    expect_no_sideways_scroll(page)
    page.locator("#guess-short_lease").check()
    page.locator("#say-guess").click()
    expect(page.get_by_text("not it:")).to_be_visible()
    for press_it in ("#mend-thaw", "#mend-partner", "#mend-crashes"):
        page.locator(press_it).click()
        expect(page).to_have_url(re.compile("/control-room"))
    page.locator("#end-drill").click()
    page.locator("#drill-story").click()
    expect(page.get_by_text("You asked to see what it was.")).to_be_visible()
    expect_no_sideways_scroll(page)


@pytest.mark.soak
def test_axe_finds_nothing_and_nothing_scrolls_sideways_on_call(browser: Browser, product: Product) -> None:
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    go_on_call(page, product, "flood")
    page.locator("#guess-poison").check()
    page.locator("#say-guess").click()
    expect(page.get_by_text("not it:")).to_be_visible()
    page.locator("#drill-withheld summary").click()
    expect_no_violation(page)
    for width in (320, 360):
        page.set_viewport_size({"width": width, "height": 640})
        expect_no_sideways_scroll(page)
    page.locator("#end-drill").click()
    page.locator("#drill-story").click()
    expect_no_violation(page)
    page.set_viewport_size({"width": 320, "height": 640})
    expect_no_sideways_scroll(page)
    page.goto(f"{product.url}/progress")
    expect(page.locator("#drills")).to_be_visible()
    expect_no_violation(page)
    expect_no_sideways_scroll(page)
    page.goto(f"{product.url}/lessons/watching")
    expect_no_violation(page)
    context.close()
