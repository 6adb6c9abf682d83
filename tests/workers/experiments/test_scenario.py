"""Scenarios: data that is refused, with a reason, before anybody could run it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from workers.experiments.scenario import Scenario

GOOD: dict[str, Any] = {
    "acts": [{"do": "place"}, {"do": "until", "so": "email = 1"}],
    "shows": "email = 1",
    "figure": "{email} e-mail",
    "says": "One order, and {email} e-mail arrived.",
}


def test_a_scenario_survives_being_kept_as_json() -> None:
    scenario = Scenario.model_validate(GOOD | {"odds": 0.9, "settings": {"workers": 1}})

    assert Scenario.model_validate(scenario.model_dump(mode="json")) == scenario


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"shows": "emails = 1"}, "nothing measures “emails”"),
        ({"shows": "email is 1"}, "is no comparison"),
        ({"figure": "{mails} e-mails"}, "nothing measures “mails”"),
        ({"says": "It was {1} of them, as ever."}, "quotes no measure"),
        ({"acts": []}, "at least 1"),
        ({"acts": [{"do": "sing"}]}, "does not match any of the expected tags"),
        ({"acts": [{"do": "place", "orders": 61}]}, "less than or equal to 60"),
        ({"acts": [{"do": "place", "colour": "blue"}]}, "Extra inputs are not permitted"),
        ({"acts": [{"do": "until", "so": "happiness = 1"}]}, "nothing measures “happiness”"),
        ({"speed": 3}, "is none of"),
        ({"odds": 1.5}, "less than 1"),
    ],
)
def test_what_cannot_be_run_is_refused_with_a_reason(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Scenario.model_validate(GOOD | change)


def test_a_stretch_needs_the_mark_that_begins_it() -> None:
    marked = {"acts": [{"do": "mark", "name": "late"}, {"do": "place"}], "shows": "done_per_s@late > 0"}
    unmarked = {"shows": "done_per_s@late > 0"}

    assert list(Scenario.model_validate(GOOD | marked).faults()) == []
    assert list(Scenario.model_validate(GOOD | unmarked).faults()) == [
        "measures done_per_s@late, and no act marks “late”"
    ]
