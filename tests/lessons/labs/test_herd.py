"""The partner's busiest second is any second, not one of the clock's."""

from __future__ import annotations

import pytest

from lessons.labs import herd


def test_the_busiest_second_begins_at_any_moment() -> None:
    seen = herd.of([0.7, 0.8, 1.5, 1.65, 3.0])

    assert (seen.busiest(), seen.busiest(1.0), seen.busiest(5)) == (4, 2, 0)
    assert [seen.before(second) for second in (0, 0.75, 9)] == [0, 1, 5]


def test_each_bar_counts_the_second_before_it() -> None:
    bars = {bar.at: bar.calls for bar in herd.of([0.1, 0.2, 1.15]).bars(3)}

    assert bars[0.25] == 2
    assert bars[1.0] == 2
    assert bars[1.25] == 1
    assert 2.5 not in bars


@pytest.mark.parametrize("calls", [[], [2.0]])
def test_nobody_and_one_are_no_herd(calls: list[float]) -> None:
    assert herd.of(calls).busiest() == len(calls)
