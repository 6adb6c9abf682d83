"""The control room over HTTP: its page, its polled sections, other moments, and views that are shared."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable

import httpx
import pytest

from tests.product import Product, Sandbox, eventually
from tests.routes.asking import Visitor, problem, wrong_fields

HTMX = {"HX-Request": "true", "Accept": "text/html"}


def poll(sandbox: Sandbox, tag: str = "") -> httpx.Response:
    return sandbox.http.get(sandbox.url("/control-room"), headers=HTMX | {"HX-PTag": tag})


def quiet_tag(sandbox: Sandbox) -> str:
    """The tag of a room in which nothing moves any more."""

    def look() -> str:
        tag: str = poll(sandbox).headers["HX-PTag"]
        time.sleep(0.5)  # two ticks of the sampler
        return tag if poll(sandbox, tag).status_code == 304 else ""

    return eventually(look, 20)


def sections_in(answer: httpx.Response) -> list[str]:
    return re.findall(r'<hx-partial id="room-([a-z-]+)"', answer.text)


def size(answer: httpx.Response) -> int:
    """The bytes of the whole answer on the wire."""
    head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
    return len(f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}\r\n\r\n") + head + answer.num_bytes_downloaded


def test_a_poll_that_finds_nothing_new_is_304_and_at_most_200_bytes(resting: Sandbox) -> None:
    answer = poll(resting, quiet_tag(resting))

    assert (answer.status_code, answer.content) == (304, b"")
    assert size(answer) <= 200
    assert re.search(r'app;dur=[\d.]+, redis;desc="0"', answer.headers["Server-Timing"])


def test_a_poll_gets_the_sections_that_it_has_not_seen_and_no_others(resting: Sandbox) -> None:
    tag = quiet_tag(resting)
    old = ["", *tag.split(".")[1:]]

    assert sections_in(poll(resting, ".".join(old))) == ["spoken"]
    everything = sections_in(poll(resting))
    assert {"tile-depth", "tile-lost", "ledger", "workers"} <= set(everything)
    assert sections_in(poll(resting, "nonsense")) == everything
    assert "csrf" not in poll(resting).text  # one answer is for all who look


def test_what_a_poll_brings_while_much_happens_is_small(sandbox: Sandbox) -> None:
    sandbox.change(speed=2)
    sandbox.wait_for_workers(2)
    sandbox.flood(20, 5)
    polls = [poll(sandbox)]
    for _ in range(8):
        time.sleep(0.5)  # as the page does
        polls.append(poll(sandbox, polls[-1].headers.get("HX-PTag", "")))

    sizes = [size(answer) for answer in polls[1:]]
    assert statistics.median(sizes) <= 2000, sizes
    assert "tile-depth" in {name for answer in polls[1:] for name in sections_in(answer)}


def test_without_a_sandbox_the_page_says_how_to_begin_and_makes_none(visitor: Visitor) -> None:
    assert "There is nothing to watch yet" in visitor.open("/control-room")
    assert 'id="room-poll"' not in visitor.open("/control-room")

    opened = visitor.http.post(
        "/sandboxes",
        data={"csrf_token": visitor.csrf_token()},
        headers={"Referer": f"{visitor.http.base_url}/control-room"},
    )

    assert opened.headers["Location"] == "/control-room"
    page = visitor.open("/control-room")
    assert f'hx-get="{visitor.sandbox()}/control-room"' in page
    assert "adds up" in page


def test_nobody_sees_anothers_control_room(
    resting: Sandbox, nobody: httpx.Client, visitors: Callable[[], Visitor]
) -> None:
    stranger = visitors()
    stranger.move_in(workers=0)

    for headers in ({}, HTMX, {"Accept": "application/json"}):
        assert stranger.http.get(resting.url("/control-room"), headers=headers).status_code == 404
    problem(nobody.get(resting.url("/control-room")), 401)
    assert nobody.post(resting.url("/views")).status_code == 401
    assert stranger.send(resting.url("/views")).status_code == 404


def test_how_often_it_asks_is_remembered(visitor: Visitor) -> None:
    visitor.move_in(workers=0)
    assert "every 1000ms" in visitor.open("/control-room")

    assert visitor.send("/control-room/refresh", every="0.5").headers["Location"] == "/control-room"
    assert "every 500ms" in visitor.open("/control-room")
    visitor.send("/control-room/refresh", every="0")
    assert "every" not in re.findall(r'hx-trigger="([^"]*)"', visitor.open("/control-room"))[0]

    assert visitor.send("/control-room/refresh", every="0.1").status_code == 422
    visitor.http.cookies.set("refresh", "nonsense")
    visitor.open("/control-room")


@pytest.mark.parametrize("at", ["x", "-1", "1.5", "", "٣", "9" * 15, "9" * 400])
def test_a_strange_moment_is_refused_politely(resting: Sandbox, at: str) -> None:
    answer = resting.http.get(resting.url("/control-room"), params={"at": at})

    assert wrong_fields(answer) == {"at"}


def test_a_moment_of_the_past_stands_still(visitor: Visitor) -> None:
    visitor.move_in(workers=0)
    at = int(time.time()) - 30

    page = visitor.open(f"/control-room?at={at}")

    assert 'id="room-poll"' not in page
    assert "data-since" not in page
    assert f'href="/control-room?at={at - 60}"' in page
    assert f"at={at + 60}" not in page  # has not come yet


def test_a_shared_view_stays_as_it_was_for_whoever_has_the_link(
    visitor: Visitor, sandbox: Sandbox, nobody: httpx.Client
) -> None:
    sandbox.place()
    made = sandbox.http.post(sandbox.url("/views"))
    assert (made.status_code, sandbox.http.post(sandbox.url("/views"), json={"at": 1}).status_code) == (201, 201)
    before = visitor.http.get(made.headers["Location"])
    sandbox.place()
    sandbox.wait_until_done(2)

    after = visitor.http.get(made.headers["Location"])

    took = re.compile(r"This page took [\d.]+ ms")
    assert after.headers["X-Robots-Tag"] == "noindex"
    assert took.sub("", after.text).partition("<main")[2] == took.sub("", before.text).partition("<main")[2]
    assert "placed <b>1</b>" in after.text
    assert sandbox.id not in after.text
    assert "<form" not in after.text.partition("<main")[2]
    assert nobody.get(made.json()["link"]).json()["ledger"]["placed"] == 1
    problem(nobody.get("/views/" + "a" * 16), 404)
    wrong = [sandbox.http.post(sandbox.url("/views"), json={"at": at}) for at in (-1, 2**40, 2**70, "now", 1.5)]
    assert all(wrong_fields(answer) == {"at"} for answer in wrong)


def test_a_script_reads_the_same_as_json(resting: Sandbox, product: Product) -> None:
    told = resting.http.get(resting.url("/control-room")).json()

    assert told == told | {"live": True, "ongoing": []}
    assert told["ledger"] == resting.snapshot()["ledger"]
    assert resting.http.get("/control-room").json().keys() == told.keys()
