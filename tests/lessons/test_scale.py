"""The axis: constant pixels a second, readable marks, and never endless."""

from __future__ import annotations

from itertools import pairwise

import pytest

from lessons.scale import PIXELS_A_SECOND, TALLEST, fit


def test_the_story_is_drawn_at_the_usual_scale_with_a_mark_each_second() -> None:
    scale = fit(12.8, speed=1)

    assert scale.pixels_a_second == PIXELS_A_SECOND
    assert [mark.text for mark in scale.marks] == [str(second) for second in range(13)]


def test_at_speed_ten_a_lane_is_as_high_as_at_speed_one() -> None:
    assert fit(1.28, speed=10).height == fit(12.8, speed=1).height
    assert [mark.text for mark in fit(1.28, speed=10).marks][:3] == ["0", "0.1", "0.2"]


@pytest.mark.parametrize("last", [30.0, 60.0, 300.0])
def test_a_long_run_still_fits(last: float) -> None:
    scale = fit(last, speed=1)
    marks = [mark.y for mark in scale.marks]

    assert scale.length(last) <= TALLEST
    assert min(later - earlier for earlier, later in pairwise(marks)) > 20


def test_lengths_and_places_are_to_scale() -> None:
    scale = fit(12.8, speed=1)

    assert scale.y(3.0) - scale.y(1.0) == pytest.approx(scale.length(2.0), abs=0.2)


@pytest.mark.parametrize(("seconds", "room"), [(0.1, "short"), (0.6, "low"), (0.8, "high"), (3.0, "high")])
def test_a_bar_knows_how_much_text_it_can_hold(seconds: float, room: str) -> None:
    assert fit(12.8, speed=1).room(seconds) == room


@pytest.mark.parametrize(("last", "speed", "text"), [(12.8, 1, "0.9"), (1.28, 10, "0.90")])
def test_a_long_second_is_shown_with_two_decimals(last: float, speed: float, text: str) -> None:
    assert fit(last, speed).text(0.9) == text
