"""Dead letters over HTTP: real messages that a real mail server refuses, replayed, deleted and brought back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.product import Product, Sandbox, eventually
from tests.routes.asking import problem, wrong_fields
from tests.workers.witness import adds_up
from workers.deletions import FINAL_AFTER_S

GROUP = "email: mail server answered 550"
BAD_CHOICES: list[dict[str, Any]] = [
    {},
    {"all": True, "group": GROUP},
    {"group": GROUP, "messages": ["x"]},
    *[{"all": value} for value in (False, 1, "yes")],
    *[{"group": value} for value in (1, "x" * 101, "a\0b")],
    *[{"messages": value} for value in ("", "x", [1], ["x" * 101], ["x"] * 1001, {"a": 1})],
    *[{"all": True, "expected": value} for value in (-1, 1.5, "2", True)],
    *[{"all": True, "search": value} for value in (1, "x" * 101, "\0")],
    {"all": True, "sandbox": "x"},
]
BAD_QUESTIONS = ["page=0", "page=-1", "page=x", "page=99999999999", "search=%00", f"search={'x' * 101}", "colour=red"]


@pytest.fixture(scope="module")
def poisoned(product: Product) -> Iterator[Sandbox]:
    """A sandbox with three dead letters, at which nobody acts."""
    sandbox = product.new_sandbox(speed=10, attempts=1)
    fill(sandbox, 3)
    yield sandbox
    sandbox.leave()


@pytest.fixture
def filled(product: Product) -> Iterator[Sandbox]:
    """A sandbox of the test's own with three dead letters."""
    sandbox = product.new_sandbox(speed=10, attempts=1)
    fill(sandbox, 3)
    yield sandbox
    sandbox.leave()


def test_poison_is_tried_as_often_as_the_setting_says_with_growing_pauses(sandbox: Sandbox) -> None:
    sandbox.change(attempts=3)
    answer = sandbox.http.post(sandbox.url("/poison"))
    assert answer.status_code == 202
    order = answer.json()["order"]

    [dead] = sandbox.wait_for("MessageDeadLettered")

    scheduled = sandbox.events("RetryScheduled")
    assert [event["delay_s"] for event in scheduled] == [1, 2]
    assert {event["order"] for event in (*scheduled, dead)} == {order}
    assert (dead["group"], dead["step"], dead["attempt"]) == (GROUP, "email", 3)
    assert len(sandbox.events("MessageTaken")) == 3
    assert [event["order"] for event in sandbox.events("PoisonPlaced")] == [order]
    shown = sandbox.change()
    assert (shown["dead_letters"]["count"], shown["ledger"]["dead"], shown["ledger"]["lost"]) == (1, 1, 0)
    assert shown["dead_letters"]["oldest_age_s"] >= 0
    assert adds_up(shown["ledger"])
    assert sandbox.order(order)["steps"][2]["state"] == "failed"


def test_while_it_waits_for_the_next_try_it_is_scheduled(sandbox: Sandbox) -> None:
    sandbox.change(attempts=2, backoff="fixed")
    sandbox.http.post(sandbox.url("/poison"))
    sandbox.wait_for("RetryScheduled")

    shown = sandbox.change()

    assert (shown["scheduled"], shown["ledger"]["scheduled"], shown["queues"]["checkout"]["depth"]) == (1, 1, 0)
    assert adds_up(shown["ledger"])
    sandbox.wait_for("MessageDeadLettered")


def test_the_letters_are_listed_in_groups_and_one_by_one(poisoned: Sandbox) -> None:
    found = look(poisoned)

    [group] = found["groups"]
    assert (found["count"], found["total"], found["page"], found["pages"]) == (3, 3, 1, 1)
    assert (group["name"], group["count"]) == (GROUP, 3)
    assert group["first_seen"] <= group["last_seen"] == group["sample"]["dead_at"]
    assert {letter["error"][:34] for letter in found["letters"]} == {"The mail server answered 550: Ther"}
    assert look(poisoned, group=GROUP)["total"] == look(poisoned, search="550")["total"] == 3
    assert look(poisoned, group="another")["letters"] == look(poisoned, search="another")["letters"] == []


def test_a_letter_is_opened_with_its_payload_and_its_traceback(poisoned: Sandbox) -> None:
    message = look(poisoned)["letters"][0]["message"]

    opened = poisoned.http.get(poisoned.url(f"/dead-letters/{message}")).json()

    assert opened["payload"] == {"sandbox": poisoned.id, "order": opened["order"]}
    assert "StepUnavailable" in opened["traceback"]
    assert opened["attempts"] == 1
    problem(poisoned.http.get(poisoned.url("/dead-letters/nothing")), 404)
    problem(poisoned.http.get(poisoned.url("/dead-letters/a%00b")), 404)


def test_a_replay_gives_the_letters_all_of_their_tries_again(filled: Sandbox) -> None:
    answer = replay(filled, all=True, expected=3)

    assert answer.status_code == 202
    assert answer.json() == {"total": 3, "replayed": 3, "skipped": 0, "running": False}
    filled.wait_for("MessageDeadLettered", count=6)
    assert len(filled.events("MessageReplayed")) == 3
    assert look(filled)["replay"] == answer.json()
    assert adds_up(filled.change()["ledger"])


def test_one_letter_or_a_group_is_replayed(filled: Sandbox) -> None:
    message = look(filled)["letters"][0]["message"]

    assert replay(filled, messages=[message, "unknown"]).json()["replayed"] == 1
    filled.wait_for("MessageDeadLettered", count=4)
    assert replay(filled, group=GROUP).json()["replayed"] == 3
    assert replay(filled, group="another").json()["replayed"] == 0


def test_if_the_number_changed_it_is_told_and_nothing_is_done(poisoned: Sandbox) -> None:
    told = problem(replay(poisoned, all=True, expected=2), 409)

    assert told["count"] == 3
    assert problem(delete(poisoned, all="true", expected="4"), 409)["count"] == 3
    assert look(poisoned)["count"] == 3
    assert poisoned.events("MessageReplayed", "DeadLettersDeleted") == []


@pytest.mark.parametrize("choice", BAD_CHOICES, ids=str)
@pytest.mark.parametrize("part", ["replays", "deletions"])
def test_a_choice_that_cannot_be_is_refused(poisoned: Sandbox, part: str, choice: dict[str, Any]) -> None:
    wrong = wrong_fields(poisoned.http.post(poisoned.url(f"/dead-letters/{part}"), json=choice))

    assert wrong <= {"all", *choice}


@pytest.mark.parametrize("question", BAD_QUESTIONS)
def test_a_question_that_cannot_be_is_refused(poisoned: Sandbox, question: str) -> None:
    assert len(wrong_fields(poisoned.http.get(poisoned.url(f"/dead-letters?{question}")))) == 1


def test_deleted_letters_come_back_if_they_are_wanted_in_time(filled: Sandbox) -> None:
    first, second = (letter["message"] for letter in look(filled)["letters"][:2])

    assert filled.http.delete(filled.url(f"/dead-letters/{first}")).status_code == 204
    problem(filled.http.delete(filled.url(f"/dead-letters/{first}")), 404)
    deleted = filled.http.post(filled.url("/dead-letters/deletions"), json={"messages": [second]})
    assert (deleted.status_code, deleted.json()["deleted"]) == (202, 1)
    assert delete(filled, group=GROUP).status_code == 204
    assert (look(filled)["count"], look(filled)["undo"]) == (0, 3)

    restored = filled.http.delete(filled.url("/dead-letters/deletions"))

    assert restored.json() == {"restored": 3}
    assert (look(filled)["count"], look(filled)["undo"]) == (3, 0)
    assert wrong_fields(delete(filled)) == {"all"}


def test_a_deleted_letter_is_lost_when_it_cannot_come_back_any_more(product: Product, filled: Sandbox) -> None:
    assert delete(filled, all="true").status_code == 204
    long_ago = datetime.now(UTC) - timedelta(seconds=FINAL_AFTER_S)
    with closing(sqlite3.connect(product.data_dir / "ticketwheel.sqlite3", timeout=10)) as db, db:
        db.execute("UPDATE dead_letters SET deleted_at = ? WHERE sandbox = ?", (f"{long_ago:%F %T.%f}", filled.id))

    ledger = eventually(lambda: (known := filled.snapshot()["ledger"])["dead"] == 0 and known, 20, "the purge")

    assert (ledger["lost"], ledger["done"]) == (3, 0)
    assert adds_up(ledger)


def test_stopping_a_replay_that_does_not_run_is_no_error(poisoned: Sandbox) -> None:
    assert poisoned.http.delete(poisoned.url("/dead-letters/replays")).status_code == 204


def test_nobody_else_sees_or_touches_them(poisoned: Sandbox, sandbox: Sandbox, nobody: httpx.Client) -> None:
    for method, part, body in (
        ("GET", "/dead-letters", None),
        ("POST", "/dead-letters/replays", {"all": True}),
        ("DELETE", "/dead-letters?all=true", None),
        ("POST", "/poison", None),
        ("POST", "/duplicates", {"order": 1001}),
    ):
        problem(sandbox.http.request(method, poisoned.url(part), json=body), 404)
        problem(nobody.request(method, poisoned.url(part), json=body), 401)
    assert look(poisoned)["count"] == 3


def fill(sandbox: Sandbox, count: int) -> None:
    """So many messages fail and are put aside."""
    for _ in range(count):
        assert sandbox.http.post(sandbox.url("/poison")).status_code == 202
    sandbox.wait_for("MessageDeadLettered", count)


def look(sandbox: Sandbox, **question: Any) -> dict[str, Any]:
    answer = sandbox.http.get(sandbox.url("/dead-letters"), params=question)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def replay(sandbox: Sandbox, **choice: Any) -> httpx.Response:
    return sandbox.http.post(sandbox.url("/dead-letters/replays"), json=choice)


def delete(sandbox: Sandbox, **question: Any) -> httpx.Response:
    return sandbox.http.delete(sandbox.url("/dead-letters"), params=question)


def test_a_letter_is_repaired_before_its_replay(filled: Sandbox) -> None:
    [first, *_] = filled.http.get(filled.url("/dead-letters")).json()["letters"]
    address = filled.url(f"/dead-letters/{first['message']}")
    assert filled.http.get(address).json()["email"] == "nobody@nowhere.invalid"

    repaired = filled.http.patch(address, json={"email": "right@example.com"})

    assert (repaired.status_code, repaired.json()["email"]) == (200, "right@example.com")
    assert filled.events("DeadLetterRepaired")[0]["email"] == "right@example.com"
    filled.http.post(filled.url("/dead-letters/replays"), json={"messages": [first["message"]]})
    filled.wait_until_done(1)
    assert "right@example.com" in {mail["to"] for mail in filled.inbox()}


@pytest.mark.parametrize("wrong", [{"email": value} for value in ("nobody", "a@b", "", None, 1, "x" * 99 + "@b.de")])
def test_a_repair_that_is_none_is_refused(poisoned: Sandbox, wrong: dict[str, Any]) -> None:
    [first, *_] = poisoned.http.get(poisoned.url("/dead-letters")).json()["letters"]

    assert wrong_fields(poisoned.http.patch(poisoned.url(f"/dead-letters/{first['message']}"), json=wrong)) == {"email"}

    problem(poisoned.http.patch(poisoned.url("/dead-letters/x-1"), json={"email": "a@example.com"}), 404)
