"""Alerts fire when their rule has held for long enough, and are resolved when it no longer does."""

from __future__ import annotations

import pytest

from tests.workers.back_of_house import BackOfHouse
from tests.workers.watch.alarming import CASES, Case
from workers.database import begin
from workers.watch import alerts
from workers.watch.alerts import NAMED, RULES, Judge
from workers.watch.measures import Measures, Window


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule} {case.what}")
def test_a_rule_fires_in_the_seconds_in_which_it_should(case: Case) -> None:
    judge, seconds = Judge(), case.seconds

    fires = [
        second
        for second in range(len(seconds))
        if judge.holds_long_enough("", NAMED[case.rule], Window(seconds[: second + 1]))
    ]

    assert fires == list(case.firing)


def test_every_rule_is_seen_to_fire() -> None:
    assert {case.rule for case in CASES if case.firing} == {rule.name for rule in RULES}


def test_an_alert_fires_once_and_is_resolved_once(house: BackOfHouse) -> None:
    judge = Judge()
    for second, dead in enumerate([0, 1, 2, 2, 0, 0]):
        judged(house, judge, Measures(second, dead_letters=dead))

    [alert] = alerts.recent(house.sandbox)
    assert alert.rule.name == "DeadLetters"
    assert alert.resolved_at
    assert alerts.firing(house.sandbox) == ()
    assert [(event.type, event.details) for event in house.events("AlertFired", "AlertResolved")] == [
        ("AlertFired", {"rule": "DeadLetters"}),
        ("AlertResolved", {"rule": "DeadLetters"}),
    ]


def test_a_new_supervisor_knows_what_fires(house: BackOfHouse) -> None:
    judged(house, Judge(), Measures(1, dead_letters=1))

    judged(house, Judge(), Measures(2, dead_letters=1))

    assert len(alerts.firing(house.sandbox)) == len(alerts.recent(house.sandbox)) == 1


def test_a_firing_alert_stays_while_a_new_supervisor_is_not_yet_sure(house: BackOfHouse) -> None:
    first = Judge()
    for second in (0, 5):
        judged(house, first, Measures(second, oldest_message_age_seconds=20))

    judged(house, Judge(), Measures(6, oldest_message_age_seconds=21))

    [alert] = alerts.firing(house.sandbox)
    assert alert.rule.name == "OldestTooOld"


def test_the_newest_alerts_come_first_and_not_more_than_asked_for(house: BackOfHouse) -> None:
    judge = Judge()
    for second in range(6):
        judged(house, judge, Measures(second, dead_letters=second % 2))

    found = alerts.recent(house.sandbox, limit=2)

    assert len(found) == 2
    assert found[0].resolved_at is None
    assert found[0].fired_at > found[1].fired_at


def judged(house: BackOfHouse, judge: Judge, measures: Measures) -> None:
    with begin() as db:
        judge.judge(db, {house.sandbox: Window([measures])})
