"""The race page in a real browser: two real requests, real workers, and what a person sees of them."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.race import (
    JSON,
    Script,
    both_orders,
    button,
    expect_finished,
    lane,
    ledger,
    script_of,
    start_quick_race,
    start_race,
    until,
    waited_by_browser,
)
from tests.product import Product

pytestmark = pytest.mark.browser

STEPS = ["payment", "order", "email", "pdf", "inventory", "analytics", "webhook", "audit", "loyalty"]


@pytest.mark.timed
def test_at_real_speed_one_customer_waits_for_nine_steps_and_the_other_for_two(
    browser: Browser, product: Product
) -> None:
    story = {"now": pytest.approx(12.8, rel=0.03), "later": pytest.approx(0.9, abs=0.05)}
    # What else the machine does only ever adds to a measurement, so the best of three runs is the product's.
    runs: list[tuple[dict[str, float], dict[str, object]]] = []
    while len(runs) < 3:
        told, measured = run_and_measure(browser, product)
        if told == measured and told == story:
            return
        runs.append((told, measured))
    pytest.fail(f"told, and measured by the browser: {runs}")


def run_and_measure(browser: Browser, product: Product) -> tuple[dict[str, float], dict[str, object]]:
    """A whole race: what the shop says that each customer waited, and what the browser measured, give or take 3 %."""
    # Without a graphics card the moving bars would take the processor from the server that is measured.
    page = browser.new_page(reduced_motion="reduce")
    waited: dict[str, float] = {}
    page.on("requestfinished", lambda request: waited.update(waited_by_browser(request)))
    start_race(page, product)
    expect(lane(page, "later")).to_contain_text("Success at", timeout=5_000)
    expect(lane(page, "now")).to_contain_text("still waiting at")
    expect_finished(page)
    expect(page.locator(".figure-said")).to_contain_text("about 1 s")
    expect_every_effect_once(script_of(page))
    told = {order["checkout"]: order["waited_s"] for order in both_orders(script_of(page))}
    page.close()
    return told, {way: pytest.approx(seconds, rel=0.03) for way, seconds in waited.items()}


def expect_every_effect_once(script: Script) -> None:
    """All nine steps of both orders are done, and what left the house arrived once for each."""
    orders = both_orders(script)
    steps = [step for order in orders for step in order["steps"]]
    assert [step["name"] for step in steps] == STEPS * 2
    assert all(step["state"] == "done" and step["attempts"] == 1 for step in steps)
    assert sorted(mail["order"] for mail in script.get("/inbox")) == [1001, 1002]
    assert sorted(call["order"] for call in script.get("/deliveries")) == [1001, 1002]
    receipts = [script.http.get(f"{script.sandbox}/orders/{order['id']}/receipt.pdf").body() for order in orders]
    assert all(receipt.startswith(b"%PDF") for receipt in receipts)
    counted = script.get()["ledger"]
    assert (counted["placed"], counted["done"], counted["lost"], counted["duplicated"]) == (2, 2, 0, 0)


def test_a_worker_killed_with_the_button_is_seen_dead_and_another_finishes(page: Page, product: Product) -> None:
    start_quick_race(page, product, speed=2, visibility_timeout_s=4)
    expect(page.locator(".worker-busy")).to_contain_text("send the e-mail", timeout=10_000)

    button(page, "Kill w").click()

    expect(page.locator(".worker-dead")).to_contain_text("killed", timeout=5_000)
    expect(page.locator(".worker-dead")).to_contain_text("comes back in")
    expect(lane(page, "later")).to_contain_text("the message comes back in")
    expect(page.locator(".worker-busy")).to_contain_text("try 2", timeout=15_000)
    expect_finished(page)
    expect(page.get_by_text("A worker died on the way")).to_be_visible()


def test_the_observation_is_held_against_the_record(page: Page, product: Product) -> None:
    start_quick_race(page, product)
    expect_finished(page)

    button(page, "less").click()

    expect(page.locator("#observed")).to_contain_text("The events say otherwise")
    expect(page.locator("#observed")).to_contain_text("9 steps")


def test_two_visitors_never_see_each_others_orders(browser: Browser, product: Product) -> None:
    ada, grace = (browser.new_context().new_page() for _ in range(2))
    start_race(ada, product)
    start_race(grace, product)
    for visitor in (ada, grace):
        expect(lane(visitor, "later")).to_contain_text("Success", timeout=10_000)

    button(ada, "Place another").click()

    until(ada, lambda: ledger(ada)["placed"] == 3, "the third order")
    assert ledger(grace)["placed"] == 2
    assert grace.request.get(script_of(ada).sandbox).status == 404
    for visitor in (ada, grace):
        visitor.context.close()


def test_the_kitchens_buttons_do_what_they_say(page: Page, product: Product) -> None:
    start_quick_race(page, product)

    button(page, "Add a worker").click()
    expect(page.get_by_text("Workers: 3 alive")).to_be_visible()
    button(page, "Remove a worker").click()
    expect(page.get_by_text("Workers: 2 alive")).to_be_visible(timeout=15_000)
    button(page, "Flood with 20 orders").click()
    until(page, lambda: ledger(page)["placed"] == 22, "twenty more orders")
    button(page, "Calm everything").click()

    until(page, lambda: script_of(page).get()["settings"]["speed"] == 1, "the default speed")
    expect(page.locator(".ledger")).to_contain_text("adds up")


def test_a_limit_is_explained_where_the_visitor_looks(page: Page, product: Product) -> None:
    start_race(page, product)

    script = script_of(page)
    token = page.locator("input[name=csrf_token]").first.input_value()
    long_flood = {"per_second": 1, "seconds": 30}
    assert script.http.post(f"{script.sandbox}/floods", data=long_flood, headers=JSON | {"X-CSRFToken": token}).ok

    button(page, "Flood with 20 orders").click()

    expect(page.locator("#notices")).to_contain_text("The limit floods at a time is 1")
