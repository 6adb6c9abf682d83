"""The line of experiments: in order, a few of one reader, and nothing of it goes with a sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workers.back_of_house import BackOfHouse
from workers import events, sandboxes
from workers.errors import HouseFull, OverLimit
from workers.experiments import conduct, line
from workers.experiments.conduct import Finished
from workers.experiments.line import Asked
from workers.experiments.scenario import Scenario

SCENARIO = Scenario.model_validate(
    {"acts": [{"do": "place"}], "shows": "email = 1", "figure": "{email} e-mail", "says": "{email} e-mail arrived."}
)
SHOWN = Finished("shown", {"email": 1.0}, (events.OrderPlaced(order=1, checkout="later"),))


def ask(asker: str, option: str = "a", changes: dict[str, Any] | None = None) -> str:
    asked = Asked("practice/herd", option, SCENARIO, changes or {})
    return line.ask(asked, asker, sandboxes.create(awake=False), "token")


def test_the_first_to_ask_is_the_first_to_be_run(house: BackOfHouse) -> None:
    first, second = ask(house.sandbox), ask(house.sandbox)

    claimed = [line.claim("one"), line.claim("two"), line.claim("one")]

    assert [each.id if each else None for each in claimed] == [first, second, None]


def test_who_waits_is_told_her_place_and_who_is_done_has_none(house: BackOfHouse) -> None:
    numbers = [ask(house.sandbox) for _ in range(3)]

    last = line.find(numbers[-1])
    assert last
    assert (last.state, line.place(last).ahead) == ("waiting", 2)
    line.claim("one")
    assert line.place(last).ahead == 1


def test_what_came_of_a_run_is_read_back(house: BackOfHouse) -> None:
    number = ask(house.sandbox, changes={"workers": 4})
    line.claim("one")
    line.finish(number, SHOWN)

    found = line.find(number)
    assert found
    assert (found.state, found.outcome, found.figures, found.asked.changes) == (
        "over",
        "shown",
        {"email": 1.0},
        {"workers": 4},
    )
    assert [event.type for event in found.record] == ["OrderPlaced"]


def test_a_reader_has_a_few_at_a_time_and_the_line_has_an_end(
    house: BackOfHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(line.OF_ONE_READER):
        ask(house.sandbox)
    with pytest.raises(OverLimit, match="experiments at a time"):
        ask(house.sandbox)
    monkeypatch.setattr(line, "IN_LINE", line.OF_ONE_READER)
    with pytest.raises(HouseFull, match="experiments in line"):
        ask(sandboxes.create(awake=False))


def test_only_runs_of_options_as_they_are_written_count(house: BackOfHouse) -> None:
    for changes in ({}, {"workers": 4}):
        number = ask(house.sandbox, changes=changes)
        line.claim("one")
        line.finish(number, SHOWN)

    assert line.tallies() == {("practice/herd", "a"): line.Tally(1, 1)}
    recorded = line.latest_shown("practice/herd", "a")
    assert recorded
    assert recorded.asked.changes == {}


def test_a_run_that_cannot_tell_is_not_counted_and_not_shown_again(house: BackOfHouse) -> None:
    number = ask(house.sandbox)
    line.claim("one")
    line.finish(number, conduct.cut_off())

    assert line.tallies() == {}
    assert line.latest_shown("practice/herd", "a") is None


def test_a_run_outlives_the_sandbox_of_its_reader(house: BackOfHouse) -> None:
    number = ask(house.sandbox)

    sandboxes.delete(house.sandbox)

    assert line.find(number)


def test_what_a_dead_runner_had_begun_is_found_by_its_name(house: BackOfHouse) -> None:
    number = ask(house.sandbox)
    line.claim("one")

    assert [run.id for run in line.begun_by("one")] == [number]
    assert line.begun_by("two") == []
