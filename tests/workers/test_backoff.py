"""The pause before the next try."""

import pytest

from workers.backoff import BACKOFFS


@pytest.mark.parametrize(
    ("backoff", "pauses"),
    [
        ("none", [0, 0, 0, 0, 0, 0, 0, 0]),
        ("fixed", [2, 2, 2, 2, 2, 2, 2, 2]),
        ("exponential", [1, 2, 4, 8, 16, 32, 60, 60]),
    ],
)
def test_the_pause_grows_as_its_backoff_says(backoff: str, pauses: list[float]) -> None:
    assert [BACKOFFS[backoff](failures) for failures in range(1, 9)] == pauses


def test_jitter_spreads_the_pauses_between_nothing_and_the_exponential_one() -> None:
    pauses = [BACKOFFS["exponential_jitter"](4) for _ in range(200)]

    assert 0 <= min(pauses) < 2
    assert 6 < max(pauses) <= 8
