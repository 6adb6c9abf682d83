"""The partner is in trouble for a while: its real server fails, and is well again by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import httpx
import pytest

from tests.product import Sandbox, eventually
from tests.workers.back_of_house import BackOfHouse
from tests.workers.witness import adds_up, at
from workers import outages, outside, sandboxes, tables
from workers.attempts import LATE_AT_MOST_S


def test_a_partner_that_is_down_gets_nothing_until_it_is_up_again(sandbox: Sandbox) -> None:
    sandbox.change(visibility_timeout_s=2)
    answer = sandbox.break_partner("down", seconds=2)
    assert sandbox.change()["settings"]["partner"] == "down"
    order = sandbox.place()["id"]
    [failed, *_] = sandbox.wait_for("StepFailed")
    assert (failed["step"], failed["order"]) == ("webhook", order)
    assert "503" in failed["error"]
    assert sandbox.deliveries() == []

    [ended] = sandbox.wait_for("OutageEnded")

    assert ended["partner"] == "down"
    late = at(ended) - datetime.fromisoformat(answer["until"])
    assert timedelta(0) <= late < timedelta(seconds=1.5)
    ledger = sandbox.wait_until_done(1)["ledger"]
    assert adds_up(ledger)
    assert ledger["lost"] == 0
    assert {delivery["order"] for delivery in sandbox.deliveries()} == {order}
    assert sandbox.change()["settings"]["partner"] == "up"


def test_a_slow_partner_takes_five_seconds_of_the_story(sandbox: Sandbox) -> None:
    sandbox.change(speed=4)
    sandbox.break_partner("slow", seconds=60)

    sandbox.place()

    sandbox.wait_until_done(1)
    [took] = [event["seconds"] for event in sandbox.events("StepFinished") if event["step"] == "webhook"]
    assert 7 / 4 - LATE_AT_MOST_S <= took < 7 / 4 + 1, "with its own two"


def test_an_outage_can_be_ended_at_once(sandbox: Sandbox) -> None:
    sandbox.break_partner("down", seconds=120)

    sandbox.http.delete(sandbox.url("/outages"))

    assert sandbox.change()["settings"]["partner"] == "up"
    assert [event["partner"] for event in sandbox.events("OutageEnded")] == ["down"]
    assert sandbox.events("SettingsChanged")[-1]["changes"] == {"speed": 10}, "an outage has events of its own"


def test_only_the_sandbox_itself_suffers(house: BackOfHouse) -> None:
    other = sandboxes.create()

    outages.start(other, "down", 60)

    assert outages.partner_of(house.sandbox) == ("up", 0.0)
    assert outages.partner_of(other) == ("down", 0.0)
    assert outages.partner_of("nowhere") == ("up", 0.0)


def test_an_outage_is_healed_also_when_nobody_was_there_at_its_end(house: BackOfHouse) -> None:
    outages.start(house.sandbox, "slow", 10)
    assert outages.heal_the_due() == 0
    house.age(tables.outages, by_s=3600)

    assert outages.heal_the_due() == 1

    assert sandboxes.settings_of(house.sandbox)["partner"] == "up"
    assert outages.heal_the_due() == 0
    assert len(house.events("OutageEnded")) == 1


def test_what_somebody_sets_the_partner_to_stays(house: BackOfHouse) -> None:
    outages.start(house.sandbox, "down", 10)

    house.change(partner="down")

    house.age(tables.outages, by_s=3600)
    assert outages.heal_the_due() == 0
    assert not outages.end(house.sandbox)
    assert sandboxes.settings_of(house.sandbox)["partner"] == "down"
    assert [event.type for event in house.events()] == ["OutageStarted", "OutageEnded"]


def test_a_new_outage_takes_the_place_of_the_old_one(house: BackOfHouse) -> None:
    outages.start(house.sandbox, "down", 10)
    outages.start(house.sandbox, "flaky", 60)
    assert sandboxes.settings_of(house.sandbox)["partner"] == "flaky"

    assert outages.end(house.sandbox)

    said = [(event.type, event.details["partner"]) for event in house.events("OutageStarted", "OutageEnded")]
    assert said == [
        *(("OutageStarted", "down"), ("OutageEnded", "down")),
        ("OutageStarted", "flaky"),
        ("OutageEnded", "flaky"),
    ]


def test_other_settings_survive_an_outage_and_its_end(house: BackOfHouse) -> None:
    outages.start(house.sandbox, "down", 10)
    house.change(speed=4)

    outages.end(house.sandbox)

    settings = sandboxes.settings_of(house.sandbox)
    assert (settings["speed"], settings["partner"]) == (4, "up")


@pytest.mark.parametrize(("state", "refused"), [("up", {False}), ("down", {True}), ("flaky", {True, False})])
def test_a_flaky_partner_fails_now_and_then(house: BackOfHouse, state: str, refused: set[bool]) -> None:
    house.change(partner=state)

    answers = [outside._refuses(house.sandbox) for _ in range(60)]

    assert set(answers) == refused
    if state == "flaky":
        assert 2 < sum(before != after for before, after in pairwise(answers)) < 59, "at random"


def test_the_customer_who_waits_herself_is_told(sandbox: Sandbox) -> None:
    sandbox.break_partner("down", seconds=60)

    answer: httpx.Response = sandbox.http.post(sandbox.url("/orders"), json={"checkout": "now"})

    assert answer.status_code == 503
    assert "partner" in answer.json()["detail"]
    eventually(lambda: sandbox.events("StepFailed"))
