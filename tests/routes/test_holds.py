"""Holds and releases, as scripts and as people without JavaScript ask for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.product import Sandbox, eventually
from tests.routes.asking import Visitor, problem, wrong_fields

STEPS = ("email", "pdf", "inventory", "analytics", "webhook", "audit", "loyalty")
BAD_HOLDS = [
    *[{"step": step} for step in ("", "EMAIL", "payment", "order", "lunch", "in:email", None, 1, ["email"])],
    *[{"seconds": value} for value in (0, -1, 121, 1.5, "5", True, None, 10**30)],
    *[{name: 1} for name in ("worker", "place", "victim")],
]


def test_a_hold_tells_at_which_step_and_until_when(resting: Sandbox) -> None:
    for step in STEPS:
        answer = resting.http.post(resting.url("/holds"), json={"step": step, "seconds": 60})

        told = answer.json()
        assert (answer.status_code, told["step"], set(told)) == (202, step, {"step", "until"})
        assert (
            timedelta(seconds=58) < datetime.fromisoformat(told["until"]) - datetime.now(UTC) <= timedelta(seconds=60)
        )

    assert [event["step"] for event in resting.events("HoldStarted")] == list(STEPS)
    assert [event["step"] for event in resting.events("HoldEnded")] == list(STEPS[:-1]), "one at a time"
    assert resting.http.delete(resting.url("/holds")).status_code == 204
    assert resting.events("HoldEnded")[-1]["step"] == STEPS[-1]


@pytest.mark.parametrize("wrong", BAD_HOLDS, ids=str)
def test_a_hold_that_cannot_be_is_refused_with_what_can(resting: Sandbox, wrong: dict[str, Any]) -> None:
    asked = {"step": "email", "seconds": 1} | wrong

    answer = resting.http.post(resting.url("/holds"), json=asked)

    assert wrong_fields(answer) == set(wrong)
    [error] = answer.json()["errors"]
    if "step" in wrong:
        assert error["allowed"]["enum"] == list(STEPS)
    if "seconds" in wrong:
        assert (error["allowed"]["minimum"], error["allowed"]["maximum"]) == (1, 120)


@pytest.mark.parametrize("worker", ["", "w" * 21, None, 1, ["w1"]])
def test_a_release_names_a_worker(resting: Sandbox, worker: Any) -> None:
    assert wrong_fields(resting.http.post(resting.url("/releases"), json={"worker": worker})) == {"worker"}
    assert wrong_fields(resting.http.post(resting.url("/releases"), json={})) == {"worker"}
    assert wrong_fields(resting.http.post(resting.url("/releases"), json={"worker": "w1", "at": 1})) == {"at"}


def test_a_release_needs_a_worker_a_hold_and_that_it_stands(sandbox: Sandbox) -> None:
    sandbox.wait_for_workers(2)

    def release(worker: str) -> Any:
        return sandbox.http.post(sandbox.url("/releases"), json={"worker": worker})

    assert "w99" in problem(release("w99"), 404)["detail"]
    assert "holds" in problem(release("w1"), 409)["remedy"]
    sandbox.hold("email", seconds=60)
    assert "held_at" in problem(release("w1"), 409)["remedy"]
    sandbox.place()
    [held] = sandbox.wait_for("WorkerHeld")
    answer = release(held["worker"])
    assert (answer.status_code, answer.json()) == (202, {"worker": held["worker"]})
    sandbox.wait_for("WorkerHeld", 2)
    assert sandbox.events("WorkerHeld")[1]["place"] == "before_ack"
    assert release(held["worker"]).status_code == 202
    sandbox.wait_until_done(1)
    assert sandbox.http.delete(sandbox.url("/holds")).status_code == 204
    problem(release(held["worker"]), 409)


def test_where_a_worker_stands_is_in_the_snapshot_and_a_hold_is_a_fault_that_goes_on(sandbox: Sandbox) -> None:
    sandbox.wait_for_workers(2)
    assert {worker["held_at"] for worker in sandbox.snapshot()["workers"]} == {None}
    sandbox.hold("email", seconds=60)

    sandbox.place()

    [held] = sandbox.wait_for("WorkerHeld")
    shown = eventually(lambda: [w for w in sandbox.snapshot()["workers"] if w["held_at"]])
    assert [(worker["name"], worker["held_at"]) for worker in shown] == [(held["worker"], "in:email")]
    sandbox.end_hold()
    eventually(lambda: not [w for w in sandbox.snapshot()["workers"] if w["held_at"]])


def test_a_hold_counts_as_harm_and_a_release_does_not(resting: Sandbox, sandbox: Sandbox) -> None:
    cap = sandbox.snapshot()["caps"]["chaos_per_minute"]
    for _ in range(cap):
        sandbox.hold("email", seconds=120)

    refused = sandbox.http.post(sandbox.url("/holds"), json={"step": "email", "seconds": 1})

    assert problem(refused, 429)["cap"] == "chaos_per_minute"
    assert sandbox.http.delete(sandbox.url("/holds")).status_code == 204
    problem(sandbox.http.post(sandbox.url("/releases"), json={"worker": "w99"}), 404)


def test_ending_a_hold_that_is_not_there_is_no_error(resting: Sandbox) -> None:
    resting.end_hold()
    for method, part in (("DELETE", "holds"), ("POST", "holds/end")):
        assert resting.http.request(method, resting.url(f"/{part}")).status_code == 204


def test_the_links_lead_there(resting: Sandbox) -> None:
    links = resting.http.post(resting.url("/calm")).json()["links"]

    assert (links["holds"], links["releases"]) == (resting.url("/holds"), resting.url("/releases"))


def test_forms_without_javascript_do_the_same_and_come_back(visitor: Visitor) -> None:
    here = visitor.move_in(speed=10)
    as_script = {"Accept": "application/json"}

    def events(kind: str) -> list[dict[str, Any]]:
        told = visitor.http.get(f"{here}/events", headers=as_script).json()
        return [event for event in told if event["type"] == kind]

    def press(part: str, **fields: Any) -> None:
        answer = visitor.send(f"{here}/{part}", **fields)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")

    eventually(lambda: len(events("WorkerStarted")) == 2, what="two workers")
    press("holds", step="email", seconds="60")
    visitor.send(f"{here}/orders", checkout="later")
    held = eventually(lambda: events("WorkerHeld"), what="one stands")
    press("releases", worker=held[0]["worker"])
    eventually(lambda: len(events("WorkerHeld")) == 2, what="it stands again")
    press("holds/end")
    eventually(lambda: events("MessageAcknowledged"), what="it is done")


def test_the_settings_of_idempotency_hold_for_a_form_too(visitor: Visitor) -> None:
    here = visitor.move_in(workers=0)

    visitor.send(f"{here}/settings", idempotency="claim_with_lease", idempotency_key="random", fencing="true")

    def shown() -> bool:
        settings = visitor.http.get(here, headers={"Accept": "application/json"}).json()["settings"]
        wanted = {"idempotency": "claim_with_lease", "idempotency_key": "random", "fencing": True}
        return bool(settings == settings | wanted)

    eventually(shown)
