"""A promise is kept once in every run of the tests, and twenty times in the soak."""

from __future__ import annotations

import pytest

TIMES = 20

_SOAKED = [pytest.param(number, marks=pytest.mark.soak) for number in range(1, TIMES + 1)]

# Each time is a test of its own, so that the soak tells in how many of them a promise was kept.
once_or_twenty_times = pytest.mark.parametrize("number", [0, *_SOAKED])
twenty_times = pytest.mark.parametrize("number", _SOAKED)  # what takes so long that the suite has a smaller form of it
