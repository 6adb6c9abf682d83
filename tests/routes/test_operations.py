"""For whoever runs it: is it up, is it ready, what does it measure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app import create_app
from tests.product import Product, Sandbox, eventually
from tests.routes.asking import problem
from tests.stopping import frozen
from tests.workers.back_of_house import forget_everything
from workers import database, sandboxes
from workers.messages import CompleteOrder
from workers.outbox import entry
from workers.shop import orders
from workers.shop.orders import Order

PARTS = {"database", "broker", "supervisor", "mail"}


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """The web application alone, with METRICS on and a ledger of its own."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("METRICS", "true")
    forget_everything()
    database.migrate()
    yield create_app().test_client()
    forget_everything()


def test_it_is_up_and_ready(product: Product, nobody: httpx.Client) -> None:
    assert nobody.get("/healthz").json() == {"status": "ok"}

    ready = nobody.get("/readyz")

    assert ready.status_code == 200
    assert ready.json() == {part: {"ok": True} for part in PARTS}


def test_metrics_are_off_unless_they_are_asked_for(nobody: httpx.Client) -> None:
    assert "METRICS" in problem(nobody.get("/metrics"), 404)["detail"]


def test_metrics_count_who_is_awake_and_what_is_open(measured: FlaskClient) -> None:
    sandbox = sandboxes.create()
    quiet = {
        "sandboxes_awake": 1,
        "house_workers_alive": 0,
        "messages_open": 0,
        "house_oldest_message_age_seconds": 0,
    }
    assert metrics(measured) == quiet

    orders.record(Order(sandbox, 1001), also=entry(CompleteOrder(sandbox, 1001)))

    measures = metrics(measured)
    assert measures["messages_open"] == 1
    assert 0 < measures["house_oldest_message_age_seconds"] < 60


def metrics(client: FlaskClient) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    return {sample.name.removeprefix("ticketwheel_"): sample.value for sample in samples}


@pytest.mark.parametrize(("part", "process"), [("supervisor", "workers.supervisor"), ("mail", "workers.outside")])
def test_it_is_not_ready_while_a_part_is_away_and_says_which(
    product: Product, sandbox: Sandbox, part: str, process: str
) -> None:
    def ask() -> tuple[int, dict[str, Any]]:
        answer = httpx.get(f"{product.url}/readyz", timeout=20, verify=False)
        return answer.status_code, answer.json()

    with frozen(product, process):
        eventually(lambda: ask()[0] == 503, 20, f"{part} is missed")
        status, entries = ask()
        assert (status, entries[part]["ok"]) == (503, False)
        assert entries[part]["why"]
        assert {name for name, entry in entries.items() if entry["ok"]} == PARTS - {part}
        assert httpx.get(f"{product.url}/healthz", verify=False).status_code == 200
        assert sandbox.place()["id"] == 1001

    eventually(lambda: ask()[0] == 200, 20, f"{part} is back")
    sandbox.wait_until_done(1)
