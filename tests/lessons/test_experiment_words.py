"""What was done in a run, in a few words: settings that differ, and acts that repeat told once."""

from __future__ import annotations

from typing import Any

from lessons import experiment_words
from workers.experiments.scenario import Scenario

SAID: dict[str, Any] = {"shows": "email = 1", "figure": "{email} e-mail", "says": "{email} e-mail arrived."}


def done(*acts: dict[str, Any], changes: dict[str, Any] | None = None, **settings: Any) -> tuple[str, ...]:
    scenario = Scenario.model_validate({"acts": acts, "settings": settings, **SAID})
    return experiment_words.done(scenario, changes or {})


def test_settings_are_told_as_far_as_they_are_not_the_usual_ones() -> None:
    told = done({"do": "place"}, workers=2, lease_renewal=False, visibility_timeout_s=4)

    assert told == ("lease renewal off", "visibility time-out 4\u00a0s", "1 order")


def test_what_a_curious_reader_changed_is_told_with_the_settings() -> None:
    assert done({"do": "place"}, changes={"workers": 8}) == ("workers 8", "1 order")


def test_an_act_that_repeats_is_told_once_with_its_count() -> None:
    replays = [{"do": "until", "so": "dead = 1"}, {"do": "replay"}] * 3

    assert done({"do": "batch", "orders": 1}, *replays) == (
        "1 order in one piece, of which only the call to the partner is left",
        "all dead letters are replayed, 3 times",
    )


def test_who_is_killed_and_where_is_said() -> None:
    assert done({"do": "crash", "at": "before:email"}, {"do": "crash", "victim": "checkout", "at": "between"}) == (
        "kill −9 for a worker, before “send the e-mail”",
        "kill −9 for the checkout, between its two writes",
    )
