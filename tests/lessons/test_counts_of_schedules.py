"""What lesson 5 says about schedules is what the checker counts."""

from __future__ import annotations

import pytest

from lessons.course import ROOT
from workers.idempotency.interleavings import count

FOLDER = ROOT / "05-idempotency"
FILES = {"lesson.md": 3, "figures.toml": 3, "quiz.toml": 1}


@pytest.mark.parametrize("file", FILES)
def test_the_counts_in_the_texts_are_the_checker_s(file: str) -> None:
    text = (FOLDER / file).read_text()
    told = [count(strategy) for strategy in ("check_then_mark", "claim_first", "claim_with_lease")][: FILES[file]]

    for counts in told:
        assert f"{counts.total:,}" in text
        assert f"{counts.wrong:,}" in text or f"and {counts.wrong} lose" in text


def test_the_bars_are_the_shares_of_the_schedules_that_go_wrong() -> None:
    text = (FOLDER / "figures.toml").read_text()

    for strategy in ("check_then_mark", "claim_first", "claim_with_lease", "receiver"):
        counts = count(strategy)
        assert f"value = {100 * counts.wrong / counts.total:.1f}, " in text


def test_without_a_crash_looking_first_mostly_does_not_help() -> None:
    counts = count("check_then_mark", "order", 0, 0)

    assert f"without any crash it is {counts.wrong} of {counts.total}" in (FOLDER / "lesson.md").read_text()
