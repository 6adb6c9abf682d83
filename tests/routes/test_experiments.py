"""Experiments over HTTP: asked for after an answer, run in a sandbox of their own, and kept at an address."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest

from lessons import experiments
from tests.product import Product, Sandbox, eventually, last_sequence
from tests.routes.asking import Visitor, problem, wrong_fields

QUESTION = "practice/duplicate-emails"
WRONG, RIGHT = "address", "order"


def answer(sandbox: Sandbox, option: str = WRONG) -> None:
    given = {"question": "duplicate-emails", "option": option}
    sandbox.http.post("/practice/answers", json=given).raise_for_status()


def ask(sandbox: Sandbox, option: str = WRONG, **more: Any) -> httpx.Response:
    return sandbox.http.post("/experiments", json={"question": QUESTION, "option": option, **more})


def run(sandbox: Sandbox, option: str = WRONG, **more: Any) -> dict[str, Any]:
    """Ask for a run, and wait until it is over."""
    asked = ask(sandbox, option, **more)
    assert asked.status_code == 202, asked.text
    return eventually(lambda: over(sandbox.http, asked.headers["Location"]), 90, "the run is over")


def over(http: httpx.Client, address: str) -> dict[str, Any]:
    """The run at an address; nothing as long as it goes on."""
    seen: dict[str, Any] = http.get(address).json()
    return seen if seen["state"] == "over" else {}


@pytest.fixture(scope="module")
def shown(product: Product) -> dict[str, Any]:
    """A wrong option that was run."""
    reader = product.new_sandbox()
    answer(reader)
    found = run(reader)
    reader.leave()
    return found


def test_nothing_is_run_for_somebody_who_has_not_answered(resting: Sandbox) -> None:
    problem(ask(resting), 409)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"question": "practice/nothing", "option": "a"}, "question"),
        ({"question": "declined-card", "option": "retry"}, "question"),  # there are two of that name
        ({"question": QUESTION, "option": "fax"}, "option"),
        ({"question": QUESTION, "option": WRONG, "changes": {"workers": 3}}, "changes"),
        ({"question": QUESTION, "option": WRONG, "changes": {"secret_key": 1}}, "changes"),
        ({"question": QUESTION, "option": WRONG, "changes": {"workers": 4, "attempts": 1}}, "changes"),
        ({"question": QUESTION, "option": WRONG, "changes": 7}, "changes"),
        ({"question": QUESTION, "option": WRONG, "setting": "workers=3"}, "setting"),
        ({"question": QUESTION}, "option"),
        ({"question": QUESTION, "option": WRONG, "colour": "blue"}, "colour"),
    ],
)
def test_a_wrong_wish_names_the_field_and_what_there_is(resting: Sandbox, body: dict[str, Any], field: str) -> None:
    answer(resting)
    answered = resting.http.post("/experiments", json=body)

    assert answered.status_code == 422, answered.text
    assert wrong_fields(answered) == {field}


def test_a_wrong_option_shows_its_consequence_with_the_figures_of_this_run(shown: dict[str, Any]) -> None:
    assert (shown["outcome"], shown["figure"]) == ("shown", "1 e-mail for 2 orders")
    assert shown["figures"] == {"orders": 2, "email": 1, "email_missing": 1}
    assert "1 order is without" in shown["says"]
    assert {event["type"] for event in shown["events"]} >= {"OrderPlaced", "DuplicateSuppressed", "MessageRedelivered"}
    assert shown["happened"] == len(shown["events"])


def test_a_run_is_read_by_whoever_has_its_link(shown: dict[str, Any], nobody: httpx.Client, visitor: Visitor) -> None:
    address = shown["links"]["self"]

    assert nobody.get(address).json()["figure"] == shown["figure"]
    page = visitor.open(address)
    assert "1 e-mail for 2 orders" in page
    assert len(gzip.compress(page.encode())) <= 50_000


def test_a_run_is_stepped_through_without_a_script(shown: dict[str, Any], visitor: Visitor) -> None:
    address = shown["links"]["self"]

    first, third = (visitor.open(f"{address}?step={step}") for step in (0, 12))
    assert "Event 0 of" in first
    assert "Event 0 of" not in third
    assert problem_of(visitor.http.get(f"{address}?step=x"), "step")


def problem_of(page: httpx.Response, field: str) -> bool:
    return page.status_code == 422 and field in page.text


def test_a_setting_is_changed_and_the_same_is_run_again(sandbox: Sandbox) -> None:
    answer(sandbox)
    changed = run(sandbox, changes={"idempotency_key": "order"})

    assert changed["settings"]["idempotency_key"] == "order"
    assert (changed["outcome"], changed["figure"]) == ("not_shown", "2 e-mails for 2 orders")


def test_a_run_leaves_its_readers_own_lab_as_it_is(sandbox: Sandbox) -> None:
    sandbox.wait_for_workers(2)
    before, orders = last_sequence(sandbox.events()), sandbox.snapshot()["ledger"]
    answer(sandbox)
    run(sandbox)

    assert last_sequence(sandbox.events()) == before
    assert (sandbox.snapshot()["ledger"], sandbox.inbox()) == (orders, [])


def test_more_than_a_few_at_a_time_are_refused_with_a_time_to_come_back(product: Product) -> None:
    reader = product.new_sandbox()
    answer(reader)
    answers = [ask(reader) for _ in range(6)]

    assert [each.status_code for each in answers[:4]] == [202] * 4
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    places = [reader.http.get(each.headers["Location"]).json() for each in answers[:4]]
    assert all(each["place_in_line"] or each["state"] != "waiting" for each in places)
    for address in (each.headers["Location"] for each in answers[:4]):
        eventually(partial(over, reader.http, address), 90, "its run is over")
    reader.leave()


def test_the_report_keeps_the_key_of_what_was_not_answered(resting: Sandbox, visitor: Visitor) -> None:
    answer(resting)
    report = resting.http.get("/experiments").json()

    told = {each["question"]: "options" in each for each in report["report"]}
    assert told[QUESTION]
    assert not any(known for name, known in told.items() if name != QUESTION)
    assert len(told) == report["questions"] == len(list(experiments.posed()))
    herd = experiments.find("practice/herd")
    assert herd
    assert herd.question.options[0].feedback[:30] not in visitor.open("/experiments")


def test_nobody_may_frame_a_run_unless_the_operator_says_so(shown: dict[str, Any], visitor: Visitor) -> None:
    framed = visitor.http.get(shown["links"]["embed"])

    assert "1 e-mail for 2 orders" in framed.text
    assert "frame-ancestors 'none'" in framed.headers["Content-Security-Policy"]


def test_a_run_that_never_was_is_not_found(resting: Sandbox, visitors: Callable[[], Visitor]) -> None:
    for number in ("nothing", "%00", "a" * 300):
        problem(resting.http.get(f"/experiments/{number}"), 404)
    assert visitors().http.get("/experiments/nothing/embed").status_code == 404


def test_a_form_runs_both_and_shows_them_under_the_question(visitor: Visitor) -> None:
    visitor.move_in()
    assert visitor.send("/practice/answers", question="duplicate-emails", option=WRONG).status_code == 303
    page = visitor.open("/practice?question=duplicate-emails")
    assert "Run both" in page

    asked = visitor.send("/experiments", question=QUESTION, option=WRONG, beside="true")
    assert asked.status_code == 303

    def both() -> bool:
        page = visitor.open("/practice?question=duplicate-emails")
        return "1 e-mail for 2 orders" in page and "2 e-mails for 2 orders" in page

    eventually(both, 90, "both runs are shown")
