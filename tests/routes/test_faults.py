"""Freezes, outages and wipes, as scripts and as people without JavaScript ask for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.product import Sandbox, eventually
from tests.routes.asking import Visitor, problem, send_workers_home, wrong_fields

BAD_FREEZES = [
    *[{"seconds": value} for value in (0, -1, 61, 1.5, "5", True, None, 10**30)],
    *[{"victim": victim} for victim in ("", "w" * 21, None, 1, ["w1"])],
    *[{"at": place} for place in ("", "nowhere", "before:lunch", "BEFORE_ACK", None, 1)],
    *[{name: 1} for name in ("pid", "signal", "place")],
]
BAD_OUTAGES = [
    *[{"seconds": value} for value in (0, -1, 121, 0.5, "5", None)],
    *[{"partner": value} for value in ("up", "", "DOWN", None, 1)],
    {"victim": "any"},
]


def test_a_freeze_tells_whom_and_until_when(sandbox: Sandbox) -> None:
    workers = {worker["name"]: worker["pid"] for worker in sandbox.wait_for_workers(2)}
    now = datetime.now(UTC)

    answer = sandbox.http.post(sandbox.url("/freezes"), json={"victim": "w2", "seconds": 30})

    frozen = answer.json()
    assert (answer.status_code, frozen["signal"]) == (202, "SIGSTOP")
    assert (frozen["worker"], frozen["pid"]) == ("w2", workers["w2"])
    assert timedelta(seconds=29.9) < datetime.fromisoformat(frozen["until"]) - now < timedelta(seconds=33)
    shown = eventually(lambda: [w for w in sandbox.snapshot()["workers"] if w["state"] == "frozen"])
    assert [(worker["name"], worker["thaws_at"]) for worker in shown] == [("w2", frozen["until"])]
    assert sandbox.http.delete(sandbox.url("/freezes")).status_code == 204
    [thawed] = sandbox.wait_for("WorkerThawed", within_s=2)
    assert thawed["pid"] == frozen["pid"]


def test_there_must_be_somebody_to_freeze_who_is_not_frozen_yet(sandbox: Sandbox) -> None:
    sandbox.wait_for_workers(2)

    def freeze(victim: str) -> Any:
        return sandbox.http.post(sandbox.url("/freezes"), json={"victim": victim, "seconds": 60})

    assert "w99" in problem(freeze("w99"), 404)["detail"]
    assert freeze("w1").json()["worker"] == "w1"
    problem(freeze("w1"), 409)
    assert freeze("any").json()["worker"] == "w2"
    problem(freeze("any"), 409)
    send_workers_home(sandbox)
    problem(freeze("any"), 409)


def test_a_freeze_at_a_place_waits_for_whoever_gets_there(sandbox: Sandbox) -> None:
    sandbox.wait_for_workers(2)

    answer = sandbox.http.post(sandbox.url("/freezes"), json={"seconds": 1, "at": "before:email"})

    waits = {"worker": None, "pid": None, "signal": "SIGSTOP", "at": "before:email", "until": None}
    assert (answer.status_code, answer.json()) == (202, waits)
    [armed] = sandbox.events("FreezeArmed")
    assert (armed["place"], armed["seconds"]) == ("before:email", 1)
    order = sandbox.place()["id"]
    [frozen] = sandbox.wait_for("WorkerFrozen")
    [thawed] = sandbox.wait_for("WorkerThawed")
    assert (thawed["worker"], thawed["pid"]) == (frozen["worker"], frozen["pid"])
    sandbox.wait_until_done(1)
    began = [event for event in sandbox.events("StepStarted") if (event["order"], event["step"]) == (order, "email")]
    assert [event["sequence"] > thawed["sequence"] for event in began] == [True]


def test_a_freeze_at_a_place_is_disarmed_by_a_thaw_and_needs_a_victim_of_that_name(sandbox: Sandbox) -> None:
    sandbox.wait_for_workers(2)

    wrong = sandbox.http.post(sandbox.url("/freezes"), json={"seconds": 1, "at": "before:email", "victim": "w99"})

    assert "w99" in problem(wrong, 404)["detail"]
    sandbox.freeze(seconds=60, at="before:email")
    sandbox.thaw()
    sandbox.place()
    sandbox.wait_until_done(1)
    assert sandbox.events("WorkerFrozen") == []


@pytest.mark.parametrize("wrong", BAD_FREEZES, ids=str)
def test_a_freeze_that_cannot_be_is_refused(resting: Sandbox, wrong: dict[str, Any]) -> None:
    assert wrong_fields(resting.http.post(resting.url("/freezes"), json={"seconds": 1} | wrong)) == set(wrong)


@pytest.mark.parametrize("wrong", BAD_OUTAGES, ids=str)
def test_an_outage_that_cannot_be_is_refused(resting: Sandbox, wrong: dict[str, Any]) -> None:
    asked = {"partner": "down", "seconds": 1} | wrong

    assert wrong_fields(resting.http.post(resting.url("/outages"), json=asked)) == set(wrong)

    assert resting.events("OutageStarted") == []


def test_how_long_must_be_said(resting: Sandbox) -> None:
    assert wrong_fields(resting.http.post(resting.url("/freezes"), json={})) == {"seconds"}
    assert wrong_fields(resting.http.post(resting.url("/outages"), json={})) == {"partner", "seconds"}


def test_an_outage_tells_until_when(resting: Sandbox) -> None:
    answer = resting.http.post(resting.url("/outages"), json={"partner": "flaky", "seconds": 60})

    told = answer.json()
    assert (answer.status_code, told["partner"], told["seconds"]) == (202, "flaky", 60)
    assert datetime.fromisoformat(told["until"]) > datetime.now(UTC) + timedelta(seconds=58)
    assert resting.http.delete(resting.url("/outages")).status_code == 204
    assert resting.change()["settings"]["partner"] == "up"


def test_ending_what_is_not_there_is_no_error(resting: Sandbox) -> None:
    for method, part in (("DELETE", "freezes"), ("POST", "thaws"), ("DELETE", "outages"), ("POST", "recoveries")):
        assert resting.http.request(method, resting.url(f"/{part}")).status_code == 204


def test_a_wipe_tells_how_much_was_forgotten(resting: Sandbox) -> None:
    for _ in range(2):
        resting.place()

    answer = resting.http.post(resting.url("/wipes"))

    assert (answer.status_code, answer.json()) == (202, {"messages": 2})
    assert wrong_fields(resting.http.post(resting.url("/wipes"), json={"all": True})) == {"all"}
    eventually(lambda: resting.change()["queues"]["checkout"]["depth"] == 2, 15, "the audit has put them back")


@pytest.mark.parametrize(
    ("part", "body"),
    [("freezes", {"seconds": 1}), ("outages", {"partner": "down", "seconds": 1}), ("wipes", {})],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_all_of_them_count_as_harm(sandbox: Sandbox, part: str, body: dict[str, Any]) -> None:
    cap = sandbox.snapshot()["caps"]["chaos_per_minute"]
    sandbox.wait_for_workers(2)
    done = [sandbox.http.post(sandbox.url(f"/{part}"), json=body).status_code]
    for _ in range(cap - 1):
        sandbox.crash(at="before_ack")

    refused = sandbox.http.post(sandbox.url(f"/{part}"), json=body)

    assert done == [202]
    assert problem(refused, 429)["cap"] == "chaos_per_minute"
    assert 0 < int(refused.headers["Retry-After"]) <= 61


def test_buttons_without_javascript_do_the_same_and_come_back(visitor: Visitor) -> None:
    here = visitor.move_in(speed=10)
    as_script = {"Accept": "application/json"}

    def events() -> list[str]:
        return [event["type"] for event in visitor.http.get(f"{here}/events", headers=as_script).json()]

    eventually(lambda: events().count("WorkerStarted") == 2, what="two workers")
    forms = {
        "freezes": {"victim": "any", "seconds": "30"},
        "thaws": {},
        "outages": {"partner": "slow", "seconds": "30"},
        "recoveries": {},
        "wipes": {},
    }
    for part, fields in forms.items():
        answer = visitor.send(f"{here}/{part}", **fields)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")

    wanted = {"WorkerFrozen", "WorkerThawed", "OutageStarted", "OutageEnded", "BrokerWiped"}
    eventually(lambda: wanted <= set(events()), what="all five")
