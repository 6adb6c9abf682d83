"""Two ways to ask: as a person whose browser runs no script, and as a script that looks at what it is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx

from tests.product import Product, Sandbox, plain_client

AT_A_STEP = ("before", "check", "claim", "in", "mark", "after")  # where a worker can be killed at each step
PAGE = "text/html,application/xhtml+xml,*/*;q=0.8"


@dataclass
class Visitor:
    """A person with a browser without JavaScript: pages, forms, and one cookie."""

    http: httpx.Client

    @classmethod
    def of(cls, product: Product) -> Visitor:
        return cls(plain_client(product.url, PAGE))

    @property
    def cookie(self) -> str:
        return self.http.cookies.get("session") or ""

    def open(self, address: str = "/") -> str:
        """Look at a page that must be there."""
        answer = self.http.get(address)
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text}"
        return answer.text

    def csrf_token(self) -> str:
        return found_in(self.open(), r'name="csrf_token" value="([^"]+)"')

    def send(self, address: str, **fields: Any) -> httpx.Response:
        """Press a form's button."""
        return self.http.post(address, data={"csrf_token": self.csrf_token(), **fields})

    def move_in(self, **settings: Any) -> str:
        """Get a sandbox of one's own, with some settings changed; its address."""
        assert self.send("/sandboxes").status_code == 303
        address = self.sandbox()
        if settings:
            assert self.send(f"{address}/settings", **settings).status_code == 303
        return address

    def sandbox(self) -> str:
        """The address of the sandbox that the page shows."""
        return found_in(self.open(), r'hx-get="(/sandboxes/[a-z0-9]+)"')


def found_in(page: str, pattern: str) -> str:
    found = re.search(pattern, page)
    assert found, f"nothing like {pattern} in: {page[:2000]}"
    return found[1]


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem that a script is told, in the one form that all of them have."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    assert answer.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == status
    assert told["type"]
    assert told["title"]
    assert told["detail"]
    return told


def wrong_fields(answer: httpx.Response) -> set[str]:
    """The names of the fields that a 422 complains of; each with what is wrong and what is allowed."""
    told = problem(answer, 422)["errors"]
    for error in told:
        assert error["problem"]
        assert error["allowed"]
    return {error["field"] for error in told}


def requests_of(sandbox: str) -> list[tuple[str, str, Any]]:
    """Every address of a sandbox: method, address and a body that would be accepted."""
    here = f"/sandboxes/{sandbox}"
    return [
        ("GET", here, None),
        ("PATCH", here, {"workers": 0}),
        ("POST", f"{here}/settings", {"workers": 0}),
        ("GET", f"{here}/control-room", None),
        ("POST", f"{here}/views", {}),
        ("GET", f"{here}/orders/1001", None),
        ("GET", f"{here}/orders/1001/receipt.pdf", None),
        ("POST", f"{here}/orders", {"checkout": "later"}),
        ("GET", f"{here}/inbox", None),
        ("GET", f"{here}/bestsellers", None),
        ("GET", f"{here}/deliveries", None),
        ("GET", f"{here}/events", None),
        ("POST", f"{here}/crashes", {"at": "now"}),
        ("POST", f"{here}/freezes", {"seconds": 1}),
        ("DELETE", f"{here}/freezes", None),
        ("POST", f"{here}/thaws", {}),
        ("POST", f"{here}/outages", {"partner": "down", "seconds": 1}),
        ("DELETE", f"{here}/outages", None),
        ("POST", f"{here}/recoveries", {}),
        ("POST", f"{here}/wipes", {}),
        ("POST", f"{here}/floods", {"per_second": 1, "seconds": 1}),
        ("DELETE", f"{here}/floods", None),
        ("POST", f"{here}/poison", {}),
        ("POST", f"{here}/duplicates", {"order": 1001}),
        *hold_requests_of(here),
        *drill_requests_of(here),
        ("POST", f"{here}/calm", {}),
        ("GET", f"{here}/dead-letters", None),
        ("GET", f"{here}/dead-letters/{sandbox}-1001", None),
        ("POST", f"{here}/dead-letters/replays", {"all": True}),
        ("DELETE", f"{here}/dead-letters/replays", None),
        ("POST", f"{here}/dead-letters/deletions", {"all": True}),
        ("DELETE", f"{here}/dead-letters/deletions", None),
        ("DELETE", f"{here}/dead-letters?all=true", None),
        ("DELETE", here, None),
    ]


def hold_requests_of(here: str) -> list[tuple[str, str, Any]]:
    """Those of its holds."""
    return [
        ("POST", f"{here}/holds", {"step": "email", "seconds": 1}),
        ("DELETE", f"{here}/holds", None),
        ("POST", f"{here}/holds/end", {}),
        ("POST", f"{here}/releases", {"worker": "w1"}),
    ]


def drill_requests_of(here: str) -> list[tuple[str, str, Any]]:
    """Those of its drills, and of what mends them."""
    return [
        ("DELETE", f"{here}/crashes", None),
        ("POST", f"{here}/crashes/disarm", {}),
        ("POST", f"{here}/drills", {}),
        ("GET", f"{here}/drills", None),
        ("GET", f"{here}/drills/latest", None),
        ("GET", f"{here}/drills/1", None),
        ("POST", f"{here}/drills/guesses", {"guess": "flood"}),
        ("DELETE", f"{here}/drills", None),
        ("POST", f"{here}/drills/end", {}),
    ]


def fingerprint(sandbox: Sandbox) -> tuple[Any, ...]:
    """What anybody's act would change: the settings, the ledger and the record."""
    shown = sandbox.change()  # unlike a look, it answers with what is true now
    return shown["settings"], shown["ledger"], sandbox.events()


def send_workers_home(sandbox: Sandbox) -> None:
    """From now on nobody works in this sandbox."""
    started = len(sandbox.wait_for_workers(2))
    sandbox.change(workers=0)
    sandbox.wait_for("WorkerStopped", started)
