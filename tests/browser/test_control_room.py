"""The control room in a real browser: polls that disturb nobody, keys, phones, no script, and a server that is away."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.race import JSON, button, expect_no_sideways_scroll, until
from tests.browser.seeing import expect_no_violation
from tests.product import Product

pytestmark = pytest.mark.browser


def enter(page: Page, product: Product, every: str = "½ s", **settings: object) -> None:
    """Open a lab of one's own in the control room, and let the page ask often."""
    page.goto(f"{product.url}/control-room")
    button(page, "Open a lab").click()
    expect(page.locator(".hand")).to_have_count(2, timeout=15_000)
    if settings:
        token = page.locator("input[name=csrf_token]").first.input_value()
        address = (page.locator("#room-poll").get_attribute("hx-get") or "").removesuffix("/control-room")
        changed = page.request.patch(product.url + address, data=settings, headers=JSON | {"X-CSRFToken": token})
        assert changed.ok, changed.text()
    page.get_by_label(every, exact=True).check()


def tile(page: Page, name: str) -> str:
    return page.locator(f"#room-tile-{name} b").inner_text()


def test_polls_leave_focus_selection_scroll_and_what_is_open_alone(page: Page, product: Product) -> None:
    enter(page, product)
    stood = settle(page)
    polls: list[int] = []
    page.on("response", lambda answer: polls.append(answer.status) if "hx-ptag" in answer.request.headers else None)
    page.locator("#flood-1").dispatch_event("click")

    until(page, lambda: polls.count(200) >= 5, "five polls that found something new")

    expect_undisturbed(page, stood)
    expect(page.locator("#cost")).to_contain_text(re.compile(r"Last poll: .* 0 Redis round trips"))


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_a_thousand_polls_leave_all_of_that_alone(page: Page, product: Product) -> None:
    enter(page, product, workers=4, speed=10)
    stood = settle(page)
    found: Counter[int] = Counter()
    while found.total() < 1000 or found[200] < 100:  # it ends by the time-out at the latest
        if found.total() % 100 == 0:
            page.locator("#flood-1").dispatch_event("click")
        with page.expect_response(lambda answer: "hx-ptag" in answer.request.headers) as answer:
            page.locator("#look-now").dispatch_event("click")
        found[answer.value.status] += 1

    assert set(found) == {200, 304}
    expect_undisturbed(page, stood)


def settle(page: Page) -> float:
    """Open, focus, select and scroll; where the faults stand on the screen then."""
    page.locator("#why-depth summary").click()
    page.locator("#show-keys").click()
    page.locator("#crash-w1").focus()
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#why-depth code'))")
    page.evaluate("scrollTo({top: 300, behavior: 'instant'})")
    return where_the_faults_stand(page)


def where_the_faults_stand(page: Page) -> float:
    return float(page.locator("#faults-title").evaluate("it => it.getBoundingClientRect().top"))


def expect_undisturbed(page: Page, stood: float) -> None:
    assert page.evaluate("document.activeElement.id") == "crash-w1"
    assert "LLEN" in page.evaluate("getSelection().toString()")
    assert abs(where_the_faults_stand(page) - stood) < 2
    assert page.locator("#why-depth").get_attribute("open") is not None
    expect(page.locator("#keys")).to_be_visible()


def test_the_whole_room_by_keys_and_none_acts_while_somebody_types(page: Page, product: Product) -> None:
    enter(page, product)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()

    page.keyboard.press("l")
    until(page, lambda: int(tile(page, "depth")) > 5, "a queue")
    expect(page.locator(".force")).to_contain_text("a flood of 20 customers a second")
    page.keyboard.press("c")
    expect(page.locator(".hand-dead")).to_contain_text("comes back in", timeout=5_000)
    page.keyboard.press("f")
    expect(page.locator(".hand-frozen")).to_be_visible(timeout=5_000)
    page.keyboard.press("a")
    until(page, lambda: "of 3" in tile(page, "workers"), "a third worker")
    page.keyboard.press("h")
    expect(page.locator(".force")).to_have_count(0, timeout=3_000)
    expect(page.locator(".hand-frozen")).to_have_count(0)

    page.locator("#keys-on").evaluate("it => it.insertAdjacentHTML('afterend', '<input id=typed>')")
    page.locator("#show-keys").click()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.locator("#typed").press_sequentially("chawf?")
    expect(page.locator("#typed")).to_have_value("chawf?")
    page.locator("#keys-on").uncheck()
    page.keyboard.press("c")
    assert sent == []


@pytest.fixture
def plain_phone(browser: Browser) -> Iterator[Page]:
    """A small screen without JavaScript."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 640})
    yield context.new_page()
    context.close()


def test_without_javascript_every_button_acts_and_brings_one_back(plain_phone: Page, product: Product) -> None:
    page = plain_phone
    page.goto(f"{product.url}/control-room")
    button(page, "Open a lab").click()
    expect(page).to_have_url(f"{product.url}/control-room")
    for press in ("#flood-1", "#add-worker", "#outage-3", "#freeze-2", "#crash-2"):
        page.locator(press).click()
        expect(page).to_have_url(f"{product.url}/control-room")
    for told in ("a flood", "partner is down", "is frozen", "a crash is armed"):
        expect(page.locator(".force")).to_contain_text(told)
    page.locator(".force button").first.click()
    button(page, "Share this view").click()
    expect(page.get_by_text("A shared view.")).to_be_visible()
    page.get_by_role("link", name="Go to your own control room").click()
    button(page, "Calm everything").click()
    page.get_by_role("link", name="Read it again").click()
    page.get_by_role("link", name="Look back a minute").click()
    page.get_by_role("link", name="10 s later").click()
    expect(page.get_by_text("It does not change any more.")).to_be_visible()
    expect_no_sideways_scroll(page)


def test_the_page_says_that_it_is_stale_and_recovers(page: Page, product: Product) -> None:
    enter(page, product, workers=0)
    expect(page.locator("#age")).to_have_text(re.compile(r"^[01]\.\d s old$"))

    page.route("**/sandboxes/*/control-room", lambda route: route.abort())
    expect(page.locator("#age")).to_have_class(re.compile("age-stale"), timeout=6_000)
    expect(page.locator("#age")).to_contain_text("Stale")
    expect(page.locator("#offline")).to_be_visible()

    page.unroute("**/sandboxes/*/control-room")
    expect(page.locator("#offline")).to_be_hidden()
    expect(page.locator("#age")).to_have_text(re.compile(r"^[01]\.\d s old$"))


def test_axe_finds_nothing_and_nothing_scrolls_sideways_idle_and_in_a_flood(browser: Browser, product: Product) -> None:
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    enter(page, product)
    expect_no_violation(page)
    page.locator("#flood-1").click()
    page.locator("#freeze-2").click()
    expect(page.locator(".hand-frozen")).to_be_visible(timeout=5_000)
    page.locator("#crash-1").click()
    expect(page.locator(".hand-dead")).to_be_visible(timeout=5_000)
    page.locator("#why-oldest summary").click()
    page.locator("#show-keys").click()
    expect_no_violation(page)
    page.keyboard.press("Escape")
    for width in (320, 360):
        page.set_viewport_size({"width": width, "height": 640})
        expect_no_sideways_scroll(page)
    button(page, "Share this view").click()
    expect_no_violation(page)
    expect_no_sideways_scroll(page)
    context.close()
