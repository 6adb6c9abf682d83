"""The race over HTTP: by a form without JavaScript, by htmx, and by a script; what a reader commits to."""

from __future__ import annotations

import httpx
import pytest

from tests.product import Product, Sandbox, eventually
from tests.routes.asking import Visitor, found_in, problem, wrong_fields


def test_without_javascript_a_form_runs_the_race_and_the_page_tells_the_facts(visitor: Visitor) -> None:
    here = visitor.move_in(speed=10)

    answer = visitor.send("/races", prediction="13")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    first = visitor.open()
    assert 'value="13" checked' in first
    as_script = {"Accept": "application/json"}
    orders = [visitor.http.get(f"{here}/orders/{number}", headers=as_script).json() for number in (1001, 1002)]
    assert sorted(order["checkout"] for order in orders) == ["later", "now"]
    eventually(lambda: 'id="result"' in visitor.open(), what="both orders are done")
    assert "less waiting" in visitor.open()


def test_a_race_after_a_lab_runs_at_the_storys_own_speed(product: Product) -> None:
    sandbox = product.new_sandbox()
    sandbox.http.post("/lessons/the-queue/runs", json={"workers": 10})
    assert sandbox.snapshot()["settings"]["speed"] == 10

    sandbox.http.post("/races", json={}, headers={"HX-Request": "true"})

    settings = sandbox.snapshot()["settings"]
    assert (settings["speed"], settings["workers"]) == (1, 2)
    sandbox.leave()


def test_the_first_race_of_a_visitor_brings_her_a_sandbox(visitor: Visitor) -> None:
    page = visitor.open()
    assert "hx-get=" not in page

    started = visitor.http.post(
        "/races",
        data={"csrf_token": found_in(page, r'name="csrf_token" value="([^"]+)"')},
        headers={"HX-Request": "true"},
    )

    assert started.status_code == 200
    assert "<html" not in started.text
    starters = started.text.partition('id="starters"')[2]
    assert starters.count(f'hx-post="{visitor.sandbox()}/orders"') == 2
    # The browser places both orders; so far there is none.
    assert visitor.http.get(f"{visitor.sandbox()}/orders/1001").status_code == 404


def test_a_script_runs_the_race_in_its_own_sandbox(sandbox: Sandbox) -> None:
    answer = sandbox.http.post("/races", json={"prediction": "1"})

    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers
    starts = sandbox.events("CheckoutStarted")
    assert sorted(start["checkout"] for start in starts) == ["later", "now"]
    assert len({start["race"] for start in starts}) == 1


def test_an_observation_is_held_against_the_record_of_the_run(sandbox: Sandbox) -> None:
    problem(sandbox.http.post("/observations", json={"lab": "race", "choice": "same"}), 409)
    sandbox.change(visibility_timeout_s=2)
    sandbox.crash(at="before_ack")
    sandbox.http.post("/races", json={})
    sandbox.wait_until_done(2)

    wrong, right = (
        sandbox.http.post("/observations", json={"lab": "race", "choice": choice}).json() for choice in ("same", "more")
    )

    assert (wrong["agrees"], right["agrees"]) == (False, True)
    assert "crash costs work" in right["evidence"]
    assert set(right) == {"agrees", "evidence"}


def test_a_prediction_is_repeated_and_never_scored(sandbox: Sandbox) -> None:
    answer = sandbox.http.post("/predictions", json={"lab": "race", "choice": "6"})

    assert answer.status_code == 200
    assert answer.json() == {"lab": "race", "choice": "6"}


def test_a_visitor_commits_by_form(visitor: Visitor) -> None:
    here = visitor.move_in(speed=10)
    assert visitor.send("/predictions", lab="race", choice="6").headers["Location"] == "/"
    assert 'value="6" checked' in visitor.open()
    assert visitor.send("/observations", lab="race", choice="same").status_code == 409
    visitor.send("/races")
    eventually(lambda: 'id="observe"' in visitor.open(), what="the question on what was to be seen")
    assert "observed-" not in visitor.open()

    answer = visitor.send("/observations", lab="race", choice="less")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "observed-no" in visitor.open()
    assert visitor.sandbox() == here


@pytest.mark.parametrize(
    ("address", "fields", "wrong"),
    [
        ("/races", {"prediction": "2"}, {"prediction"}),
        ("/races", {"prediction": 13}, {"prediction"}),
        ("/races", {"speed": 10}, {"speed"}),
        ("/predictions", {}, {"lab", "choice"}),
        ("/predictions", {"lab": "race", "choice": "more"}, {"choice"}),
        ("/predictions", {"lab": "maze", "choice": "1"}, {"lab"}),
        ("/observations", {"lab": "race", "choice": "13"}, {"choice"}),
        ("/observations", {"lab": "race", "choice": "same", "score": 1}, {"score"}),
    ],
)
def test_what_cannot_be_committed_to_is_refused_with_what_can(
    resting: Sandbox, address: str, fields: dict[str, object], wrong: set[str]
) -> None:
    assert wrong_fields(resting.http.post(address, json=fields)) == wrong


@pytest.mark.parametrize("address", ["/races", "/predictions", "/observations"])
def test_a_script_without_a_token_commits_to_nothing(nobody: httpx.Client, address: str) -> None:
    problem(nobody.post(address, json={"lab": "race", "choice": "1"}), 401)
    assert nobody.get(address).status_code == 405
