"""Sandboxes: made, looked at, changed, deleted."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import httpx
import psutil
import pytest

from tests.product import Product, Sandbox, eventually
from tests.routes.asking import Visitor, problem, wrong_fields
from tests.routes.known_settings import ALLOWED, BAD, DEFAULTS
from tests.workers.witness import adds_up


def test_a_script_gets_a_sandbox_its_token_and_its_links(nobody: httpx.Client) -> None:
    answer = nobody.post("/sandboxes")

    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == made["links"]["self"] == f"/sandboxes/{made['id']}"
    assert "Set-Cookie" not in answer.headers
    token = {"Authorization": f"Bearer {made['token']}"}
    for name in ("self", "inbox", "deliveries", "events"):
        assert nobody.get(made["links"][name], headers=token).status_code == 200
    assert nobody.post(made["links"]["orders"], json={"checkout": "x"}, headers=token).status_code == 422
    assert nobody.delete(made["links"]["self"], headers=token).status_code == 204


def test_two_sandboxes_are_two_and_cannot_be_guessed(nobody: httpx.Client) -> None:
    ids = {nobody.post("/sandboxes").json()["id"] for _ in range(4)}

    assert len(ids) == 4
    assert {len(made) for made in ids} == {16}
    assert wrong_fields(nobody.post("/sandboxes", json={"id": "mine"})) == {"id"}


def test_the_snapshot_has_the_shape_that_the_contract_shows(sandbox: Sandbox) -> None:
    sandbox.change(speed=1)
    sandbox.wait_for_workers(2)
    sandbox.place()
    sandbox.wait_for("StepStarted", count=3)

    shown = eventually(lambda: (now := sandbox.snapshot()) and busy_worker(now) and now, what="a worker at work")

    assert shown["id"] == sandbox.id
    assert isinstance(shown["version"], int)
    assert abs((datetime.now(UTC) - datetime.fromisoformat(shown["at"])).total_seconds()) < 10
    assert 0 <= shown["age_s"] < 5
    assert set(shown["queues"]["checkout"]) == {"depth", "oldest_age_s"}
    assert {type(shown["rates"][name]) for name in ("in_per_s", "out_per_s")} == {float}
    assert "drain_s" in shown["rates"]
    assert (shown["in_flight"], shown["scheduled"]) == (shown["ledger"]["running"], 0)
    assert shown["settings"] == DEFAULTS
    assert shown["caps"]["workers"] == 12
    assert all(type(cap) is int and cap > 0 for cap in shown["caps"].values())
    busy = busy_worker(shown)
    assert (busy["alive"], busy["job"]) == (True, f"{sandbox.id}-1001")
    assert busy["pid"] in psutil.pids()
    assert busy["step"] in {"email", "pdf", "inventory", "analytics", "webhook", "audit", "loyalty"}
    assert {"name", "heartbeat_age_s"} <= set(busy)


def busy_worker(snapshot: dict[str, Any]) -> dict[str, Any]:
    """The first worker that is at a step; empty while there is none."""
    return next((worker for worker in snapshot["workers"] if worker["state"] == "busy" and worker["step"]), {})


def test_the_ledger_always_adds_up(sandbox: Sandbox) -> None:
    sandbox.flood(20, 1)

    def twenty_placed() -> bool:
        ledger = sandbox.snapshot()["ledger"]
        assert adds_up(ledger), ledger
        return bool(ledger["placed"] >= 20)

    eventually(twenty_placed, what="20 orders placed")
    assert set(sandbox.snapshot()["ledger"]) == {
        *("placed", "done", "waiting", "running", "scheduled", "dead", "refused", "shed", "lost", "duplicated")
    }


def test_a_snapshot_that_the_asker_knows_is_not_sent_again(resting: Sandbox) -> None:
    def asked_again() -> list[httpx.Response]:
        # Each web process has a sampler of its own, and one may see a little later that the workers have gone.
        tag = resting.http.get(resting.url()).headers["ETag"]
        known = (tag, f'"other", {tag}', f"W/{tag}")
        again = [resting.http.get(resting.url(), headers={"If-None-Match": each}) for each in known]
        return again if all(answer.headers["ETag"] == tag for answer in again) else []

    resting.wait_for("WorkerStopped", count=len(resting.events("WorkerStarted")))

    again = eventually(asked_again, what="a snapshot that stays")
    assert [(answer.status_code, answer.content) for answer in again] == [(304, b"")] * 3
    assert resting.http.get(resting.url(), headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_change_changes_the_tag(resting: Sandbox) -> None:
    tag = resting.http.get(resting.url()).headers["ETag"]

    def told_by(answer: httpx.Response) -> str:
        return answer.headers["ETag"]

    def changed() -> httpx.Response:
        return resting.http.patch(resting.url(), json={"visibility_timeout_s": 31})

    assert told_by(changed()) != tag
    assert eventually(lambda: resting.http.get(resting.url(), headers={"If-None-Match": tag}).content)
    # Something else may change between two answers, as when the supervisor of a busy machine is late to say it lives.
    assert eventually(lambda: told_by(changed()) == told_by(resting.http.get(resting.url())))


@pytest.mark.parametrize("name", ALLOWED)
def test_a_setting_takes_its_allowed_values_and_leaves_the_others(sandbox: Sandbox, name: str) -> None:
    before = sandbox.change()["settings"]

    for value in ALLOWED[name]:
        assert sandbox.change(**{name: value})["settings"] == before | {name: value}


@pytest.mark.parametrize(("name", "value"), BAD, ids=str)
def test_a_setting_refuses_any_other_value_and_says_what_is_allowed(resting: Sandbox, name: str, value: Any) -> None:
    before = resting.snapshot()

    answer = resting.http.patch(resting.url(), json={"visibility_timeout_s": 30, name: value})

    assert wrong_fields(answer) == {name}
    assert resting.snapshot()["settings"] == before["settings"]


def test_a_setting_that_is_not_there_gets_the_ones_that_are(resting: Sandbox) -> None:
    answer = resting.http.patch(resting.url(), json={"colour": "blue"})

    assert wrong_fields(answer) == {"colour"}
    assert set(answer.json()["errors"][0]["allowed"]["fields"]) == set(DEFAULTS)


def test_every_wrong_field_is_named_at_once_and_nothing_is_changed(resting: Sandbox) -> None:
    answer = resting.http.patch(
        resting.url(), json={"workers": 99, "speed": 3, "colour": "red", "idempotency": "receiver"}
    )

    assert wrong_fields(answer) == {"workers", "speed", "colour"}
    assert resting.snapshot()["settings"]["idempotency"] == "off"


def test_a_bound_is_part_of_the_answer(resting: Sandbox) -> None:
    def allowed(**changes: Any) -> Any:
        return resting.http.patch(resting.url(), json=changes).json()["errors"][0]["allowed"]

    assert allowed(workers=13) == {"minimum": 0, "maximum": 12, "type": "integer"}
    assert allowed(speed=3)["enum"] == [0.5, 1, 2, 4, 10]
    assert allowed(idempotency="on")["enum"] == list(ALLOWED["idempotency"])
    assert allowed(acknowledge="never")["enum"] == ["late", "early"]


def test_changing_nothing_leaves_no_trace(resting: Sandbox) -> None:
    before = resting.snapshot()

    resting.change()
    same = resting.change(**before["settings"])

    assert (same["version"], same["settings"]) == (before["version"], before["settings"])


def test_a_change_is_in_the_record_with_what_changed_only(sandbox: Sandbox) -> None:
    sandbox.change(speed=10, visibility_timeout_s=5)

    changed = sandbox.events("SettingsChanged")[-1]
    assert changed["changes"] == {"visibility_timeout_s": 5}


def test_as_many_workers_live_as_are_wished_for(sandbox: Sandbox) -> None:
    for wished in (4, 1, 0, 2):
        sandbox.change(workers=wished)
        eventually(lambda: len(sandbox.living_workers()) == wished, 20, f"{wished} workers")  # noqa: B023


def test_a_deleted_sandbox_is_gone_with_its_workers(product: Product) -> None:
    sandbox = product.new_sandbox(speed=10)
    pids = [worker["pid"] for worker in sandbox.wait_for_workers(2)]
    sandbox.place()

    with closing(sandbox.http) as http:
        assert (answer := http.delete(sandbox.url())).status_code == 204
        assert answer.content == b""
        problem(http.get(sandbox.url()), 401)
        problem(http.post(sandbox.url("/orders"), json={"checkout": "later"}), 401)
        problem(http.delete(sandbox.url()), 401)
    eventually(lambda: not any(psutil.pid_exists(pid) for pid in pids), 20, "the workers have ended")


def test_a_visitor_who_deletes_her_sandbox_can_get_another(visitor: Visitor) -> None:
    here = visitor.move_in(workers=0)

    deleted = visitor.http.delete(here, headers={"X-CSRFToken": visitor.csrf_token()})

    assert deleted.status_code == 204
    assert visitor.http.get(here).status_code == 404
    assert visitor.move_in(workers=0) != here


def test_a_form_changes_settings_as_a_script_does(visitor: Visitor) -> None:
    here = visitor.move_in()

    answer = visitor.send(
        f"{here}/settings", workers="1", speed="0.5", visibility_timeout_s="20", idempotency="receiver"
    )

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    wished = DEFAULTS | {"workers": 1, "speed": 0.5, "visibility_timeout_s": 20, "idempotency": "receiver"}
    as_script = {"Accept": "application/json"}
    eventually(lambda: visitor.http.get(here, headers=as_script).json()["settings"] == wished, what="the new settings")
    refused = visitor.send(f"{here}/settings", workers="99")
    assert refused.status_code == 422
    assert "workers" in refused.text
