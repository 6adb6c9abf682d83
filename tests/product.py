"""The whole product as its users have it: started by its own command, driven over HTTP, ended by Ctrl-C."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

ROOT = Path(__file__).resolve().parent.parent
Found = TypeVar("Found")


def eventually(look: Callable[[], Found], within_s: float = 10, what: str = "") -> Found:
    """Look until there is something (truthy), for a bounded time."""
    end = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {within_s} s: {what or look}; last seen: {found!r}")
        time.sleep(0.05)


def plain_client(url: str, accept: str) -> httpx.Client:
    """A client that does not load certificates, which takes a twentieth of a second, for plain HTTP."""
    return httpx.Client(base_url=url, timeout=60, headers={"Accept": accept}, trust_env=False, verify=False)


def free_port() -> int:
    """A port that nobody listens at, and that the kernel gives no client of anybody before it is used."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)  # below those of clients: net.ipv4.ip_local_port_range
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@dataclass
class Product:
    """One running instance with a data folder and a port of its own."""

    data_dir: Path
    port: int
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    clients: list[httpx.Client] = field(default_factory=list)  # all are closed at its end, whatever a test forgot

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def processes(self) -> list[psutil.Process]:
        """The process tree, the launcher first."""
        launcher = psutil.Process(self.process.pid)
        return [launcher, *launcher.children(recursive=True)]

    def process_of(self, part: str) -> psutil.Process:
        """The direct child whose command line names the part: "valkey", "workers.supervisor", "granian", …"""
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if part in " ".join(child.cmdline()))

    def new_sandbox(self, **settings: Any) -> Sandbox:
        """A fresh sandbox, with some settings changed."""
        script = plain_client(self.url, "application/json")
        self.clients.append(script)
        made = script.post("/sandboxes").json()
        script.headers["Authorization"] = f"Bearer {made['token']}"
        sandbox = Sandbox(made["id"], made["token"], script)
        if settings:
            sandbox.change(**settings)
        return sandbox

    def end(self, with_signal: signal.Signals = signal.SIGINT) -> int:
        """Ctrl-C; the exit status."""
        self.process.send_signal(with_signal)
        return self.process.wait(timeout=15)


@dataclass
class Sandbox:
    """One learner's lab, driven by a script."""

    id: str
    token: str
    http: httpx.Client

    def url(self, part: str = "") -> str:
        return f"/sandboxes/{self.id}{part}"

    def snapshot(self) -> dict[str, Any]:
        return self._json(self.http.get(self.url()))

    def change(self, **settings: Any) -> dict[str, Any]:
        return self._json(self.http.patch(self.url(), json=settings))

    def place(self, checkout: str = "later", **more: Any) -> dict[str, Any]:
        """Place an order and wait as its customer does."""
        return self._json(self.http.post(self.url("/orders"), json={"checkout": checkout, **more}))

    def leave(self) -> None:
        """Delete the sandbox, so that its workers go."""
        self.http.delete(self.url())
        self.http.close()

    def order(self, number: int) -> dict[str, Any]:
        return self._json(self.http.get(self.url(f"/orders/{number}")))

    def crash(self, at: str = "now", victim: str = "any") -> dict[str, Any]:
        return self._json(self.http.post(self.url("/crashes"), json={"at": at, "victim": victim}))

    def freeze(self, seconds: int, victim: str = "any", at: str = "now") -> dict[str, Any]:
        wish = {"victim": victim, "seconds": seconds, "at": at}
        return self._json(self.http.post(self.url("/freezes"), json=wish))

    def hold(self, step: str, seconds: int) -> dict[str, Any]:
        """Let every worker stand before each action of a step."""
        return self._json(self.http.post(self.url("/holds"), json={"step": step, "seconds": seconds}))

    def release(self, worker: str) -> None:
        self._json(self.http.post(self.url("/releases"), json={"worker": worker}))

    def end_hold(self) -> None:
        self._json(self.http.delete(self.url("/holds")))

    def duplicate(self, order: int) -> None:
        self._json(self.http.post(self.url("/duplicates"), json={"order": order}))

    def thaw(self) -> None:
        self._json(self.http.delete(self.url("/freezes")))

    def break_partner(self, how: str, seconds: int) -> dict[str, Any]:
        return self._json(self.http.post(self.url("/outages"), json={"partner": how, "seconds": seconds}))

    def wipe(self) -> int:
        """Let the broker forget everything; how many messages it was."""
        return int(self._json(self.http.post(self.url("/wipes")))["messages"])

    def flood(self, per_second: int, seconds: int) -> None:
        self._json(self.http.post(self.url("/floods"), json={"per_second": per_second, "seconds": seconds}))

    def calm(self) -> None:
        self._json(self.http.post(self.url("/calm")))

    def inbox(self) -> list[dict[str, Any]]:
        emails: list[dict[str, Any]] = _accepted(self.http.get(self.url("/inbox")))
        return emails

    def deliveries(self) -> list[dict[str, Any]]:
        received: list[dict[str, Any]] = _accepted(self.http.get(self.url("/deliveries")))
        return received

    def events(self, *types: str) -> list[dict[str, Any]]:
        """The whole record so far, or only the events of these types."""
        found: list[dict[str, Any]] = []
        while page := _accepted(self.http.get(self.url("/events"), params={"after": last_sequence(found)})):
            found += page
        return [event for event in found if not types or event["type"] in types]

    def wait_for(self, event_type: str, count: int = 1, within_s: float = 20) -> list[dict[str, Any]]:
        """Wait until that many events of a type are in the record."""

        def look() -> list[dict[str, Any]]:
            found = self.events(event_type)
            return found if len(found) >= count else []

        return eventually(look, within_s, f"{count} x {event_type}")

    def wait_until_done(self, orders: int, within_s: float = 60) -> dict[str, Any]:
        """Wait until that many orders are done; the snapshot that says so."""

        def look() -> dict[str, Any]:
            snapshot = self.snapshot()
            return snapshot if snapshot["ledger"]["done"] >= orders else {}

        return eventually(look, within_s, f"{orders} orders done")

    def living_workers(self) -> list[dict[str, Any]]:
        return [worker for worker in self.snapshot()["workers"] if worker["alive"] and not worker["leaving"]]

    def wait_for_workers(self, count: int, within_s: float = 10) -> list[dict[str, Any]]:
        """Wait until exactly that many workers are alive and not leaving."""

        def look() -> list[dict[str, Any]]:
            found = self.living_workers()
            return found if len(found) == count else []

        return eventually(look, within_s, f"{count} workers")

    def _json(self, answer: httpx.Response) -> dict[str, Any]:
        found: dict[str, Any] = _accepted(answer)
        return found


def _accepted(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.status_code}: {answer.text}"
    return answer.json() if answer.content else {}


def last_sequence(events: list[dict[str, Any]]) -> int:
    return events[-1]["sequence"] if events else 0


@contextmanager
def running(data_dir: Path, **environment: str) -> Iterator[Product]:
    """Start the product and wait until it says that it is open; at the end, Ctrl-C."""
    port = free_port()
    environment = {"PORT": str(port), "DATA_DIR": str(data_dir), "PYTHONWARNINGS": "default", **environment}
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    product = Product(data_dir, int(environment["PORT"]), process)
    assert process.stdout
    try:
        for line in process.stdout:
            product.lines.append(line)
            if "is open" in line:
                break
        else:
            raise AssertionError("It did not open:\n" + "".join(product.lines) + log_of(data_dir))
        yield product
    finally:
        if process.poll() is None:
            product.end()
        process.stdout.close()
        for client in product.clients:
            client.close()


def log_of(data_dir: Path) -> str:
    log = data_dir / "ticketwheel.log"
    return log.read_text()[-4000:] if log.exists() else "(no log)"
