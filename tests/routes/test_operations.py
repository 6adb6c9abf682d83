"""For whoever runs it: is it up, is it ready, what does it measure."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.product import Product, eventually, running
from tests.routes.asking import problem

PARTS = {"database", "broker", "supervisor", "mail"}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """An instance of its own that measures, and whose parts may be taken away."""
    with running(tmp_path_factory.mktemp("measured"), METRICS="true") as started:
        yield started


def test_it_is_up_and_ready(product: Product, nobody: httpx.Client) -> None:
    assert nobody.get("/healthz").json() == {"status": "ok"}

    ready = nobody.get("/readyz")

    assert ready.status_code == 200
    assert ready.json() == {part: {"ok": True} for part in PARTS}


def test_metrics_are_off_unless_they_are_asked_for(nobody: httpx.Client) -> None:
    assert "METRICS" in problem(nobody.get("/metrics"), 404)["detail"]


def test_metrics_count_workers_and_open_messages(measured: Product) -> None:
    sandbox = measured.new_sandbox(workers=0, speed=10)

    def metrics() -> dict[str, float]:
        answer = httpx.get(f"{measured.url}/metrics")
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
        return {sample.name.removeprefix("ticketwheel_"): sample.value for sample in samples}

    eventually(lambda: metrics()["workers_alive"] == 0, what="no worker")
    sandbox.place()
    measures = metrics()
    assert (measures["sandboxes_awake"], measures["messages_open"]) == (1, 1)
    assert measures["oldest_message_age_seconds"] > 0
    sandbox.change(workers=3)
    eventually(lambda: metrics()["workers_alive"] == 3, what="three workers")
    eventually(lambda: metrics()["messages_open"] == 0, what="nothing open")
    sandbox.http.delete(sandbox.url())
    sandbox.http.close()


@pytest.mark.parametrize(("part", "process"), [("supervisor", "workers.supervisor"), ("mail", "workers.outside")])
def test_it_is_not_ready_while_a_part_is_away_and_says_which(measured: Product, part: str, process: str) -> None:
    def ask() -> tuple[int, dict[str, Any]]:
        answer = httpx.get(f"{measured.url}/readyz", timeout=20)
        return answer.status_code, answer.json()

    with frozen(measured, process):
        eventually(lambda: ask()[0] == 503, 20, f"{part} is missed")
        status, entries = ask()
        assert (status, entries[part]["ok"]) == (503, False)
        assert entries[part]["why"]
        assert {name for name, entry in entries.items() if entry["ok"]} == PARTS - {part}
        assert httpx.get(f"{measured.url}/healthz").status_code == 200

    eventually(lambda: ask()[0] == 200, 20, f"{part} is back")


@contextmanager
def frozen(product: Product, part: str) -> Iterator[None]:
    """Stop a process without ending it, which would bring another one."""
    process = product.process_of(part)
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)
