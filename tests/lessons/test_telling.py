"""What the live region says: news only, and not more often than every five seconds."""

from __future__ import annotations

from itertools import pairwise

from lessons.telling import spoken
from tests.lessons.recorded import Run, at, crashed_right, early_right, record, right, whole_left, whole_right
from workers.checkout import LATER


def said(at_s: float, *runs: Run) -> str:
    return spoken(record(*runs, until=at_s), at(at_s))


def test_nothing_is_said_before_there_is_news() -> None:
    assert said(0.5, whole_left(), whole_right()) == ""


def test_her_answer_is_news() -> None:
    assert said(1.0, whole_left(), whole_right()) == "The right customer has her answer after 0.9 seconds."


def test_a_kill_soon_after_waits_for_five_quiet_seconds() -> None:
    runs = whole_left(), crashed_right()

    assert "0.9 seconds" in said(5.8, *runs)
    assert said(6.0, *runs) == "Worker w2 was killed; its message waits for the visibility time-out."


def test_a_kill_after_an_early_acknowledgement_brings_nothing_back() -> None:
    lost = early_right().does(LATER[0]).is_killed_for_good(LATER[1])

    assert said(4.0, lost).startswith("The right customer has her answer")
    assert said(20, lost).endswith("Worker w2 was killed; nobody does the rest.")


def test_news_that_come_together_are_said_together() -> None:
    run = right().is_taken_by("w2").is_killed(LATER[0], after=0.1, held_for=2).comes_back(after=2)

    assert said(6, run).startswith("Worker w2 was killed;")
    assert said(6, run).endswith("The message is back on the wheel.")


def test_the_words_change_at_most_every_five_seconds() -> None:
    runs = whole_left(), crashed_right()
    moments = [tenth / 10 for tenth in range(400)]
    changes = [now for before, now in pairwise(moments) if said(before, *runs) != said(now, *runs)]

    assert len(changes) >= 4
    assert min(later - earlier for earlier, later in pairwise(changes)) >= 4.9
