"""What a reader may see of a drill: while it goes on nothing of its cause, afterwards all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app import create_app
from lessons import access, drill_story, drills
from lessons.control_room import boards
from lessons.drill_words import HOW, SIGNS, WORDS
from lessons.labs import drill as bench
from tests.workers.back_of_house import BackOfHouse
from tests.workers.conftest import house, ledger_db, migrated, valkey
from workers import events
from workers.database import utc_now
from workers.drills import conduct
from workers.drills import drill as kept
from workers.drills.kinds import KINDS, NEIGHBOURS
from workers.sampler import Sampler, sampler
from workers.tables import drills as rows
from workers.veil import CAUSES

__all__ = ["house", "ledger_db", "migrated", "valkey"]
JSON = {"Accept": "application/json"}
PLACES = ("", "/control-room", "/events", "/drills/latest", "/drills", "/dead-letters", "/inbox")


def faulty(house: BackOfHouse, kind: str) -> None:
    conduct.start(house.sandbox, "token", kind)
    house.age(rows, 30)
    conduct.carry_on()


@pytest.fixture(autouse=True)
def no_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Snapshots are taken when they are asked for, by nobody who would go on after the test."""
    monkeypatch.setattr(Sampler, "_run", lambda _: None)
    yield
    sampler.cache_clear()
    boards.boards.cache_clear()


def looked_up(house: BackOfHouse) -> dict[str, Any]:
    """Everything that a script is told of its sandbox, and its reader of herself."""
    access._tokens.cache_clear()
    app = create_app()
    with app.test_client() as http:
        headers = JSON | {"Authorization": f"Bearer {access.token_for(house.sandbox)}"}
        here = [f"/sandboxes/{house.sandbox}{part}" for part in PLACES]
        found = {place: http.get(place, headers=headers) for place in (*here, "/progress", "/progress/export")}
        assert {answer.status_code for answer in found.values()} == {200}
        return {place.removeprefix(here[0]): answer.get_json() for place, answer in found.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_can_be_looked_up_names_the_cause(house: BackOfHouse, kind: str) -> None:
    faulty(house, kind)

    told = looked_up(house)

    assert set(told["/drills/latest"].pop("choices")) == {*KINDS, *NEIGHBOURS}
    told[""].pop("links")  # names the addresses at which things can be broken, always the same
    told["/progress"].pop("lessons")  # and these the questions, one of which is about poison
    said = json.dumps(told)
    assert [name for name in (*KINDS, *CAUSES, "outage", "frozen", "stopped", "armed") if f'"{name}"' in said] == []
    assert told[""]["settings"] == {"speed": 4.0}

    conduct.end(house.sandbox, "gave up")
    assert looked_up(house)["/drills/latest"]["kind"] == kind


def test_every_kind_has_its_words_and_every_figure_too() -> None:
    assert set(WORDS) == {*KINDS, *NEIGHBOURS}
    assert all(all((words.injected, words.look, words.mend)) for kind, words in WORDS.items() if kind in KINDS)
    assert {name for kind in KINDS.values() for name in kind.shown_by} <= set(SIGNS)
    assert set(bench.FIGURES) | {"dead"} == set(SIGNS)
    assert set(HOW) == {"mended", "gave up", "calm", "time was up"}


def test_the_story_is_told_in_order_with_the_seconds_from_the_fault(house: BackOfHouse) -> None:
    faulty(house, "partner_down")
    conduct.guess(house.sandbox, "poison")
    events.append(house.sandbox, events.RetryScheduled(delay_s=1, due_at="", error="e"))
    house.change(attempts=5)
    conduct.guess(house.sandbox, "partner_down")
    conduct.end(house.sandbox, "gave up")
    drill = kept.latest(house.sandbox)
    assert drill

    story = drill_story.of(drill)

    assert [moment.kind for moment in story.moments] == ["drill", "fault", "said", "sign", "did", "said", "drill"]
    assert [moment.after_s for moment in story.moments if moment.kind == "fault"] == [0.0]
    assert story.first_sign
    assert story.first_sign.words == SIGNS["retries"]
    assert "attempts 5" in story.moments[4].words
    outcome = drills.of(drill).outcome
    assert outcome
    assert (outcome.how, outcome.named, outcome.mended_after_s, outcome.points) == ("gave up", True, None, 2)


def test_without_a_drill_there_is_nothing_to_tell(house: BackOfHouse) -> None:
    assert (drills.watch(house.sandbox), drills.history(house.sandbox), drills.history(None)) == (None, [], [])
    assert (bench.look(None).running, bench.observe(house.sandbox, "age")) == (False, None)


@pytest.mark.parametrize(("choice", "agrees"), [("flow", True), ("workers", False)])
def test_an_observation_is_held_against_the_first_figure(choice: str, agrees: bool) -> None:
    now = utc_now()
    found = {"silence": (now + timedelta(seconds=6)).isoformat(), "stalled": now.isoformat()}

    held = bench.held_against("frozen_workers", found, choice)

    assert held.agrees is agrees
    assert "6.0 s later: A heartbeat" in held.evidence
