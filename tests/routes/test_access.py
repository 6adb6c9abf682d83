"""Who may do what, and what everybody else is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from itsdangerous import URLSafeSerializer

from tests.product import Product, Sandbox
from tests.routes.asking import Visitor, fingerprint, problem, requests_of

Come = Callable[[], Visitor]
PLACES = [(method, address.removeprefix("/sandboxes/x")) for method, address, _ in requests_of("x")]


@pytest.mark.parametrize(("method", "part"), PLACES)
def test_a_request_without_a_token_is_asked_for_one(
    nobody: httpx.Client, resting: Sandbox, method: str, part: str
) -> None:
    answer = nobody.request(method, resting.url(part))

    assert "token" in problem(answer, 401)["detail"]
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "said", ["Bearer", "Bearer nonsense", "Bearer {id}", "Basic {token}", "{token}", "Bearer {other}"]
)
def test_a_wrong_token_is_refused(nobody: httpx.Client, resting: Sandbox, said: str) -> None:
    forged = URLSafeSerializer("not our secret", salt="sandbox token").dumps(resting.id)
    header = said.format(id=resting.id, token=resting.token, other=forged)

    for method, address, body in requests_of(resting.id):
        problem(nobody.request(method, address, json=body, headers={"Authorization": header}), 401)


def test_somebody_elses_sandbox_looks_like_one_that_does_not_exist(sandbox: Sandbox, resting: Sandbox) -> None:
    before = fingerprint(resting)

    for (method, address, body), (_, nowhere, _) in zip(
        requests_of(resting.id), requests_of("abcdefghjkmnpqrs"), strict=True
    ):
        refused = problem(sandbox.http.request(method, address, json=body), 404)
        assert refused == problem(sandbox.http.request(method, nowhere, json=body), 404)

    assert fingerprint(resting) == before


def test_a_stranger_is_not_even_told_what_is_wrong_with_his_fields(sandbox: Sandbox, resting: Sandbox) -> None:
    for method, address, body in requests_of(resting.id):
        if body is not None:
            problem(sandbox.http.request(method, address, json={"nonsense": 1}), 404)


def test_a_script_needs_no_csrf_token_but_a_browser_does(visitor: Visitor, sandbox: Sandbox) -> None:
    here = visitor.move_in(workers=0)
    acts = [(method, address, body) for method, address, body in requests_of(here[11:]) if method != "GET"]

    for method, address, body in acts:
        refused = visitor.http.request(method, address, data=body)
        assert refused.status_code == 400, f"{method} {address}"
        problem(visitor.http.request(method, address, data=body, headers={"Accept": "application/json"}), 400)
        wrong = {"X-CSRFToken": "nonsense"}
        assert visitor.http.request(method, address, data=body, headers=wrong).status_code == 400

    assert sandbox.http.patch(sandbox.url(), json={"workers": 0}).status_code == 200


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".com"])
def test_a_host_that_cannot_be_one_is_refused_in_plain_words(nobody: httpx.Client, host: str) -> None:
    answer = nobody.get("/lessons", headers={"Host": host, "Accept": "text/html"})

    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("address", ["/sandboxes", "/races", "/predictions", "/observations"])
def test_a_page_of_somebody_else_cannot_act_for_a_visitor(visitors: Come, address: str) -> None:
    visitor, attacker = visitors(), visitors()
    visitor.open()

    assert visitor.http.post(address, data={}).status_code == 400
    assert visitor.http.post(address, data={"csrf_token": attacker.csrf_token()}).status_code == 400
    assert visitor.http.post(address, content="{}", headers={"Content-Type": "text/plain"}).status_code == 400


def test_two_visitors_have_two_sandboxes_and_neither_sees_the_others(visitors: Come) -> None:
    visitor, other = visitors(), visitors()
    mine, others = visitor.move_in(workers=0), other.move_in(workers=0)

    assert mine != others
    assert visitor.http.get(others).status_code == 404
    assert other.http.get(f"{mine}/inbox").status_code == 404
    assert visitor.send(f"{others}/orders", checkout="later").status_code == 404


def test_the_cookie_is_signed_kept_from_scripts_and_not_sent_across_sites(visitor: Visitor) -> None:
    set_cookie = visitor.send("/sandboxes").headers["Set-Cookie"]
    here = visitor.sandbox()

    assert "HttpOnly" in set_cookie
    assert "SameSite=Lax" in set_cookie
    stolen = {"Cookie": f"session={visitor.cookie[:-4]}AAAA", "Accept": "text/html"}
    assert httpx.get(str(visitor.http.base_url.join(here)), headers=stolen, verify=False).status_code == 401


def test_coming_back_leads_to_the_same_sandbox(visitor: Visitor) -> None:
    here = visitor.move_in(workers=0)

    assert visitor.move_in() == here


def test_two_first_acts_at_once_lead_to_the_same_sandbox(visitor: Visitor) -> None:
    token, before = visitor.csrf_token(), httpx.Cookies(visitor.http.cookies)
    places = []
    for _ in range(2):
        visitor.http.cookies = before  # neither has the other's answer yet
        assert visitor.http.post("/sandboxes", data={"csrf_token": token}).status_code == 303
        places.append(visitor.sandbox())

    assert places[0] == places[1]


def test_whoever_left_her_sandbox_gets_another_one(visitor: Visitor) -> None:
    here, token = visitor.move_in(workers=0), visitor.csrf_token()

    assert visitor.http.delete(here, headers={"X-CSRFToken": token}).status_code == 204
    assert visitor.move_in(workers=0) != here


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/sandboxes/abcdefghjkmnpqrs", 401),
        ("GET", "/nowhere", 404),
        ("POST", "/races", 400),
        ("DELETE", "/healthz", 400),
    ],
)
def test_an_error_is_a_page_for_people_a_fragment_for_htmx_and_a_problem_for_scripts(
    visitors: Come, method: str, address: str, status: int
) -> None:
    def ask(**headers: str) -> httpx.Response:
        # A cookie makes a browser of it: without one, an unsafe request of a script lacks its token.
        person = visitors()
        if method != "GET":
            person.open()
        return person.http.request(method, address, headers=headers)

    page, fragment, told = ask(), ask(**{"HX-Request": "true"}), ask(Accept="application/json")

    assert (page.status_code, fragment.status_code) == (status, status)
    assert "<h1>" in page.text
    assert "Back to the race" in page.text
    assert "<html" not in fragment.text
    assert 'class="problem"' in fragment.text
    problem(told, status)


def test_nothing_that_a_stranger_wrote_is_markup_in_an_error_page(visitor: Visitor) -> None:
    here = visitor.move_in(workers=0)
    hostile = '"><script>alert(1)</script>'

    for answer in (
        visitor.send(f"{here}/orders", checkout=hostile, **{hostile: "1"}),
        visitor.send(f"{here}/orders", checkout="later", email=f"{hostile}@example.com"),
        visitor.send(f"{here}/crashes", victim=hostile[:20]),
        visitor.http.get(f"/{hostile}"),
        visitor.http.get(f"{here}/events", params={"after": hostile}),
    ):
        assert answer.status_code in (404, 422)
        assert "<script>alert" not in answer.text


@pytest.mark.parametrize("address", ["/", "/nowhere", "/healthz", "/readyz", "/static/css/base.css", "/sandboxes/x"])
def test_every_answer_is_hardened(nobody: httpx.Client, address: str) -> None:
    for accepted in ("text/html", "application/json"):
        headers = nobody.get(address, headers={"Accept": accepted}).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'self'; ")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_a_method_that_is_not_there_is_refused_with_those_that_are(sandbox: Sandbox) -> None:
    for method, part in [("PUT", ""), ("POST", "/events"), ("DELETE", "/orders/1001"), ("GET", "/calm")]:
        answer = sandbox.http.request(method, sandbox.url(part))
        problem(answer, 405)
        assert method not in answer.headers["Allow"]


def test_a_refusal_leaves_the_connection_to_be_used(sandbox: Sandbox, resting: Sandbox) -> None:
    for _ in range(200):
        problem(sandbox.http.post(resting.url("/calm"), json={"what": "a body that nobody wants to know"}), 404)


def test_a_body_that_is_too_large_is_not_read(product: Product, resting: Sandbox) -> None:
    def send(**body: Any) -> httpx.Response:
        # A connection of its own: the server closes it.
        return httpx.post(
            product.url + resting.url("/orders"), headers=dict(resting.http.headers), verify=False, **body
        )

    told = problem(send(json={"checkout": "later", "email": "a" * 70_000}), 413)
    assert "64 KB" in told["remedy"]
    problem(send(data={"checkout": "later", "email": "a" * 70_000}), 413)
