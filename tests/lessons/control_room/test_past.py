"""The past of a control room: its axis is as long as there was something to see."""

import pytest

from lessons.control_room.past import History
from workers.watch.timeline import Sample

NOW = 1_800_000_000


@pytest.mark.parametrize(("known_s", "axis_s"), [(0, 120), (120, 120), (121, 300), (301, 600), (900, 600)])
def test_the_axis_grows_with_what_was_measured(known_s: int, axis_s: int) -> None:
    history = History(NOW, (Sample(NOW - known_s), Sample(NOW)))

    assert history.seconds == history.drawing.charts[0].plot.seconds == axis_s


def test_before_anything_was_measured_the_axis_is_short() -> None:
    assert History(NOW).drawing.charts[0].plot.seconds == 120
