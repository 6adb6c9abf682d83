"""What a poll costs: bytes, the server's time, and the broker's, for one viewer and for many."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from redis import Redis

from tests.bench import figures
from tests.bench.crowd import Answer, Caller, call
from tests.product import Product

pytestmark = pytest.mark.bench

POLLS, WARM_UP = 500, 20
POLL_EVERY_S = 0.5  # as the page does
WINDOW_S = 8
UNWATCHED_AFTER_S = 11  # the sampler forgets who no longer looks, and the rates of the race fall to zero
STALE = "0" * 16


@dataclass(frozen=True)
class Visitor:
    """A browser's cookie and its sandbox, in which a race has been run."""

    cookie: str
    path: str
    tag: str
    etag: str

    def fragment(self, tag: str) -> Caller:
        """What the page polls."""
        return Caller(
            self.path, headers={"Cookie": self.cookie, "HX-Request": "true", "HX-PTag": tag, **_accept("text/html")}
        )

    def json(self, etag: str) -> Caller:
        """What a script polls."""
        headers = {"Cookie": self.cookie, "If-None-Match": etag, **_accept("application/json")}
        return Caller(self.path, headers=headers)

    def page(self) -> Caller:
        """The alternative: reload all of it."""
        return Caller("/", headers={"Cookie": self.cookie, **_accept("text/html")})


@pytest.fixture(scope="module")
def visitor(product: Product) -> Iterator[Visitor]:
    with httpx.Client(base_url=product.url, timeout=60, trust_env=False) as browser:
        token = _found(r'"X-CSRFToken": "([^"]+)"', browser.get("/").text)
        form: dict[str, Any] = {"headers": {"Accept": "text/html", "X-CSRFToken": token}}
        browser.post("/sandboxes", **form)
        path = _found(r'hx-get="([^"]+)"', browser.get("/").text)
        browser.post(f"{path}/settings", data={"speed": "10"}, **form)
        browser.post("/races", **form)
        session = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        watching = Visitor(session, path, "", "")
        call(product.port, [replace(watching.fragment(STALE), times=4, every_s=1)])
        tag = browser.get(path, headers={"HX-Request": "true", "Accept": "text/html"}).headers["HX-PTag"]
        etag = browser.get(path, headers={"Accept": "application/json"}).headers["ETag"]
        yield replace(watching, tag=tag, etag=etag)
        browser.delete(path, **form)


def test_bytes_and_time_of_a_poll(product: Product, visitor: Visitor) -> None:
    asked = {
        "the page's poll, unchanged": visitor.fragment(visitor.tag),
        "the page's poll, changed": visitor.fragment(STALE),
        "a script's poll, unchanged": visitor.json(visitor.etag),
        "a script's poll, changed": visitor.json(f'"{STALE}"'),
        "the full page, GET /": visitor.page(),
    }
    plain = {name: call(product.port, [caller])[0] for name, caller in asked.items()}
    zipped = {name: repeatedly(product, _gzipped(caller)) for name, caller in asked.items()}

    page = zipped["the full page, GET /"]
    figures.show(
        "What one poll costs, after a finished race",
        (
            "",
            "status",
            "headers",
            "body",
            "body, gzip",
            "page's bytes",
            "median time",
            "99th percentile",
            "page's time",
        ),
        [[name, *cost(plain[name], answers, page)] for name, answers in zipped.items()],
        f"Bytes of the answer on the wire; time over keep-alive on loopback, with gzip, {POLLS} one after the other.",
        "The alternative is the full page; its columns say how many times as much it takes.",
    )


def test_the_broker_does_not_notice_viewers(product: Product, visitor: Visitor, broker: Redis) -> None:
    call(product.port, [], at_least_s=UNWATCHED_AFTER_S)
    unchanged, changed = visitor.fragment(visitor.tag), visitor.fragment(STALE)
    nobody = watched(product, broker, [])
    rows = [
        [name, *load(watched(product, broker, _gzipped_viewers(poll, viewers)), nobody)]
        for name, poll, viewers in (
            ("0 viewers", unchanged, 0),
            ("1 viewer, unchanged", unchanged, 1),
            ("10 viewers, unchanged", unchanged, 10),
            ("50 viewers, unchanged", unchanged, 50),
            ("50 viewers, changed", changed, 50),
        )
    ]

    figures.show(
        "What the viewers of one sandbox cost the broker",
        ("", "polls/s", "304", "200", "other", "commands/s", "round trips/s", "of them for viewers", "a poll"),
        rows,
        f"Counted by Valkey itself (commands and reads processed) for {WINDOW_S} s each. Without viewers, the workers",
        "and their supervisor use it. Each web process has one sampler, which asks five times a second as long as",
        "somebody looks. The alternative, a broker asked by each poll: at least one round trip a poll.",
    )


@dataclass(frozen=True)
class Watched:
    """What happened while somebody looked."""

    seconds: float
    answers: list[Answer]
    commands: int
    round_trips: int


def watched(product: Product, broker: Redis, viewers: list[Caller]) -> Watched:
    """Let viewers poll for a while, and read the broker's counters before and after."""
    before, began = _counters(broker), time.monotonic()
    answers = call(product.port, viewers, at_least_s=WINDOW_S)
    seconds = time.monotonic() - began
    commands, round_trips = (after - earlier - 1 for after, earlier in zip(_counters(broker), before, strict=True))
    return Watched(seconds, answers, commands, round_trips)


def load(found: Watched, nobody: Watched) -> list[object]:
    statuses = [answer.status for answer in found.answers]
    polls, trips = len(statuses) / found.seconds, found.round_trips / found.seconds
    for_viewers = trips - nobody.round_trips / nobody.seconds
    unchanged, changed = statuses.count(304), statuses.count(200)
    return [
        f"{polls:.1f}",
        unchanged,
        changed,
        len(statuses) - unchanged - changed,
        f"{found.commands / found.seconds:.1f}",
        f"{trips:.1f}",
        f"{for_viewers:.1f}",
        f"{for_viewers / polls:.2f}" if polls else "-",
    ]


def repeatedly(product: Product, caller: Caller) -> list[Answer]:
    """The answers to one client that asks again and again, without the first ones."""
    return call(product.port, [replace(caller, times=WARM_UP + POLLS)])[WARM_UP:]


def cost(plain: Answer, zipped: list[Answer], page: list[Answer]) -> list[object]:
    times = [answer.seconds for answer in zipped]
    middle, first = figures.median(times), zipped[0]
    return [
        "/".join(sorted({str(answer.status) for answer in zipped})),
        f"{first.headers} B",
        f"{plain.body} B",
        f"{first.body} B",
        figures.times(first.headers + first.body, page[0].headers + page[0].body),
        figures.ms(middle),
        figures.ms(figures.percentile(times, 99)),
        figures.times(middle, figures.median([answer.seconds for answer in page])),
    ]


def _gzipped_viewers(poll: Caller, viewers: int) -> list[Caller]:
    """They came at different moments."""
    often = replace(_gzipped(poll), every_s=POLL_EVERY_S, times=int(WINDOW_S / POLL_EVERY_S))
    return [replace(often, begins_s=POLL_EVERY_S * number / viewers) for number in range(viewers)]


def _gzipped(caller: Caller) -> Caller:
    return replace(caller, headers=caller.headers | {"Accept-Encoding": "gzip"})


def _accept(kind: str) -> dict[str, str]:
    return {"Accept": kind}


def _counters(broker: Redis) -> tuple[int, int]:
    counted: Any = broker.info("stats")
    return counted["total_commands_processed"], counted["total_reads_processed"]


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, f"{pattern} is not in the page"
    return found[1]
