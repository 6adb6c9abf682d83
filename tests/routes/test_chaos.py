"""Crashes, floods, poison and duplicates, and the calm after them."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any

import psutil
import pytest

from tests.product import Product, Sandbox, eventually
from tests.routes.asking import AT_A_STEP, Visitor, problem, send_workers_home, wrong_fields

LATER = ("email", "pdf", "inventory", "analytics", "webhook", "audit", "loyalty")
PLACES = [f"{at}:{step}" for step in LATER for at in AT_A_STEP] + ["before_ack"]
BAD_CRASHES = [
    *[{"at": at} for at in ("", "NOW", "before", "before:", "before:payment", "after:order", "before:lunch", "email")],
    *[{"at": at} for at in ("before_ack ", "before:email,after:email", None, 1, True, ["now"])],
    *[{"victim": victim} for victim in ("", "w" * 21, None, 1, ["w1"])],
    *[{name: 1} for name in ("pid", "signal", "worker")],
]
BAD_FLOODS = [
    *[{"per_second": value} for value in (0, -1, 21, 1000, 1.5, "5", True, None, 10**30)],
    *[{"seconds": value} for value in (0, -1, 31, 0.5, "5", None)],
    *[{"kind": value} for value in ("payments", "", None, 1)],
    *[{"priority": "low"}, {"email": "high"}],
]


def test_a_crash_kills_a_real_process_at_once_and_another_one_comes(sandbox: Sandbox) -> None:
    before = {worker["pid"]: worker["name"] for worker in sandbox.wait_for_workers(2)}

    answer = sandbox.http.post(sandbox.url("/crashes"), json={"victim": "any", "at": "now"})

    killed = answer.json()
    assert (answer.status_code, killed["signal"]) == (202, "SIGKILL")
    assert before[killed["pid"]] == killed["worker"]
    eventually(lambda: not psutil.pid_exists(killed["pid"]), what="the process is gone")
    [crashed] = sandbox.wait_for("WorkerCrashed")
    assert (crashed["worker"], crashed["pid"], crashed["signal"]) == (killed["worker"], killed["pid"], "SIGKILL")
    sandbox.wait_for("WorkerStarted", 3)
    eventually(lambda: killed["pid"] not in {worker["pid"] for worker in sandbox.living_workers()}, what="it is missed")
    sandbox.wait_for_workers(2)


def test_a_victim_can_be_chosen(sandbox: Sandbox) -> None:
    chosen = sandbox.wait_for_workers(2)[1]

    killed = sandbox.crash(victim=chosen["name"])

    assert (killed["worker"], killed["pid"]) == (chosen["name"], chosen["pid"])


def test_without_fields_a_crash_is_any_worker_now(sandbox: Sandbox) -> None:
    sandbox.wait_for_workers(2)

    answer = sandbox.http.post(sandbox.url("/crashes"))

    assert answer.status_code == 202
    assert answer.json()["pid"]


def test_there_must_be_such_a_worker_and_for_now_any(sandbox: Sandbox) -> None:
    for at in ("now", "before:pdf"):
        refused = sandbox.http.post(sandbox.url("/crashes"), json={"victim": "w99", "at": at})
        assert "w99" in problem(refused, 404)["detail"]

    send_workers_home(sandbox)

    problem(sandbox.http.post(sandbox.url("/crashes"), json={"at": "now"}), 409)
    assert sandbox.events("WorkerCrashed") == []


def test_every_place_can_be_armed_also_before_there_is_a_worker(resting: Sandbox) -> None:
    for place in PLACES:
        answer = resting.http.post(resting.url("/crashes"), json={"at": place})
        assert answer.status_code == 202
        armed = answer.json()
        assert (armed["worker"], armed["pid"], armed["signal"], armed["at"]) == (None, None, "SIGKILL", place)

    assert [event["place"] for event in resting.events("CrashArmed")] == PLACES


def test_an_armed_crash_happens_where_it_was_armed(sandbox: Sandbox) -> None:
    sandbox.change(visibility_timeout_s=2)
    sandbox.crash(at="after:email")

    order = sandbox.place()["id"]

    [crashed] = sandbox.wait_for("WorkerCrashed")
    finished = [event["step"] for event in sandbox.events("StepFinished") if event["sequence"] < crashed["sequence"]]
    assert finished == ["payment", "order", "email"]
    sandbox.wait_until_done(1)
    assert len(sandbox.events("WorkerCrashed")) == 1
    assert sandbox.order(order)["complete"]


@pytest.mark.parametrize("crash", BAD_CRASHES, ids=str)
def test_a_crash_that_cannot_be_is_refused_with_what_can(resting: Sandbox, crash: dict[str, Any]) -> None:
    answer = resting.http.post(resting.url("/crashes"), json=crash)

    assert wrong_fields(answer) == set(crash)
    if "at" in crash:
        assert answer.json()["errors"][0]["allowed"]["enum"] == ["now", *PLACES, "between"]


def test_a_sandbox_can_do_so_much_harm_a_minute_and_only_it_counts(sandbox: Sandbox, resting: Sandbox) -> None:
    def arm(by: Sandbox) -> Any:
        return by.http.post(sandbox.url("/crashes"), json={"at": "before_ack"})

    cap = sandbox.snapshot()["caps"]["chaos_per_minute"]
    assert {arm(by=resting).status_code for _ in range(cap + 5)} == {404}
    assert {arm(by=sandbox).status_code for _ in range(cap)} == {202}

    refused = arm(by=sandbox)

    told = problem(refused, 429)
    assert (told["cap"], told["limit"]) == ("chaos_per_minute", cap)
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    flood = sandbox.http.post(sandbox.url("/floods"), json={"per_second": 1, "seconds": 1})
    assert problem(flood, 429)["cap"] == "chaos_per_minute"
    sandbox.calm()


def test_a_flood_places_what_it_says(sandbox: Sandbox) -> None:
    sandbox.change(workers=8)
    began = time.monotonic()
    answer = sandbox.http.post(sandbox.url("/floods"), json={"per_second": 10, "seconds": 2})
    assert (answer.status_code, answer.json()["per_second"]) == (202, 10)

    [ended] = sandbox.wait_for("FloodEnded", within_s=30)

    assert time.monotonic() - began >= 1.9
    assert (ended["placed"], ended["refused"]) == (20, 0)
    placed = [event["order"] for event in sandbox.events("OrderPlaced")]
    assert len(placed) == len(set(placed)) == 20
    ledger = sandbox.wait_until_done(20)["ledger"]
    assert (ledger["placed"], ledger["lost"], ledger["duplicated"]) == (20, 0, 0)


def test_one_flood_at_a_time(sandbox: Sandbox) -> None:
    send_workers_home(sandbox)
    sandbox.flood(2, 30)

    second = sandbox.http.post(sandbox.url("/floods"), json={"per_second": 1, "seconds": 1})
    assert "floods" in problem(second, 429)["cap"]
    assert int(second.headers["Retry-After"]) > 0

    assert sandbox.http.post(sandbox.url("/floods/stop"), json={}).status_code == 204
    [ended] = sandbox.wait_for("FloodEnded")
    assert ended["placed"] < 60
    assert sandbox.http.post(sandbox.url("/floods"), json={"per_second": 1, "seconds": 1}).status_code == 202


def test_a_flood_comes_also_after_another_sandbox_was_deleted_with_its_own(product: Product) -> None:
    for _ in range(2):
        sandbox = product.new_sandbox(speed=10)
        with closing(sandbox.http):
            sandbox.flood(4, 1)
            assert sandbox.wait_for("FloodEnded")[0]["placed"] == 4
            sandbox.http.delete(sandbox.url())


def test_stopping_a_flood_that_is_not_there_is_no_error(resting: Sandbox) -> None:
    assert resting.http.delete(resting.url("/floods")).status_code == 204


@pytest.mark.parametrize("wrong", BAD_FLOODS, ids=str)
def test_a_flood_beyond_its_bounds_is_refused_with_them(resting: Sandbox, wrong: dict[str, Any]) -> None:
    answer = resting.http.post(resting.url("/floods"), json={"per_second": 1, "seconds": 1} | wrong)

    assert wrong_fields(answer) == set(wrong)
    assert resting.events("FloodStarted") == []


def test_a_flood_says_how_fast_and_how_long(resting: Sandbox) -> None:
    assert wrong_fields(resting.http.post(resting.url("/floods"), json={})) == {"per_second", "seconds"}


def test_a_message_that_is_delivered_again_has_its_effects_again(sandbox: Sandbox) -> None:
    order = sandbox.place()["id"]
    sandbox.wait_until_done(1)

    answer = sandbox.http.post(sandbox.url("/duplicates"), json={"order": order})

    assert (answer.status_code, answer.json()["message"]) == (202, f"{sandbox.id}-{order}")
    [again] = sandbox.wait_for("MessageRedelivered")
    assert (again["order"], again["reason"]) == (order, "duplicated")
    eventually(lambda: len(sandbox.inbox()) == 2, 20, "the second e-mail")
    ledger = eventually(lambda: (known := sandbox.change()["ledger"])["duplicated"] and known, what="it is counted")
    assert [ledger[name] for name in ("placed", "done", "lost", "duplicated")] == [1, 1, 0, 1]


def test_only_an_order_with_a_message_is_delivered_again(sandbox: Sandbox) -> None:
    order = sandbox.place("now")["id"]

    problem(sandbox.http.post(sandbox.url("/duplicates"), json={"order": order}), 409)
    problem(sandbox.http.post(sandbox.url("/duplicates"), json={"order": 4711}), 404)
    for wrong in ({}, {"order": 0}, {"order": "1001"}, {"order": 10**9}, {"order": True}):
        assert wrong_fields(sandbox.http.post(sandbox.url("/duplicates"), json=wrong)) == {"order"}


def test_poison_takes_no_fields_and_no_customer_waits_for_an_email_that_no_server_takes(resting: Sandbox) -> None:
    assert wrong_fields(resting.http.post(resting.url("/poison"), json={"step": "pdf"})) == {"step"}
    for order in ({"checkout": "now"}, {"checkout": "later", "later": ["pdf"]}):
        refused = resting.http.post(resting.url("/orders"), json=order | {"email": "ada@nowhere.INVALID"})
        assert wrong_fields(refused) == {"email"}
    assert resting.change()["ledger"]["placed"] == 0


@pytest.mark.timed
def test_calm_ends_all_chaos_and_restores_the_defaults_within_three_seconds(sandbox: Sandbox) -> None:
    sandbox.wait_for_workers(2)
    sandbox.change(workers=5, visibility_timeout_s=3, idempotency="receiver")
    sandbox.wait_for_workers(5)
    sandbox.crash(at="before:email")
    sandbox.flood(1, 30)

    answer = sandbox.http.post(sandbox.url("/calm"))

    assert answer.status_code == 202
    sandbox.wait_for("FloodEnded", within_s=3)
    eventually(lambda: len(sandbox.living_workers()) == 2, 3, "the default number of workers")
    shown = sandbox.change()["settings"]
    assert (shown["workers"], shown["speed"], shown["visibility_timeout_s"], shown["idempotency"]) == (2, 1, 8, "off")
    sandbox.change(speed=10)
    sandbox.place()
    sandbox.wait_until_done(sandbox.change()["ledger"]["placed"])
    assert sandbox.events("WorkerCrashed") == []


def test_calm_takes_no_fields(resting: Sandbox) -> None:
    assert wrong_fields(resting.http.post(resting.url("/calm"), json={"now": True})) == {"now"}


def test_buttons_without_javascript_do_the_same_and_come_back(visitor: Visitor) -> None:
    here = visitor.move_in(speed=10)
    as_script = {"Accept": "application/json"}

    def events(kind: str) -> list[dict[str, Any]]:
        happened = visitor.http.get(f"{here}/events", headers=as_script).json()
        return [event for event in happened if event["type"] == kind]

    eventually(lambda: len(events("WorkerStarted")) == 2, what="two workers")
    for part, fields in {"crashes": {"at": "now"}, "floods": {"per_second": "5", "seconds": "1"}, "calm": {}}.items():
        answer = visitor.send(f"{here}/{part}", **fields)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")

    eventually(lambda: events("WorkerCrashed") and events("FloodEnded") and events("CalmRestored"), what="all three")
