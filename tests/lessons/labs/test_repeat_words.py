"""Why an e-mail came twice is told from this run's moves, and nothing is told of what was no move."""

from __future__ import annotations

from datetime import UTC, datetime

from lessons.labs import repeat_words
from lessons.labs.repeat_runs import Choice, Run
from tests.lessons.labs.test_deliveries import ORDER, both_stand, goes, passes, table
from workers import events
from workers.events import Event
from workers.judges import Verdict


def finished(delivery: int, worker: str) -> Event:
    return events.StepFinished(order=ORDER, attempt=delivery, worker=worker, step="email", where="worker", seconds=1)


def skipped(delivery: int, worker: str) -> Event:
    return events.DuplicateSuppressed(
        order=ORDER, attempt=delivery, worker=worker, step="email", key="email:1001", by="sender"
    )


def why(strategy: str, *happened: Event) -> str:
    """The last sentence about a run in which the e-mail arrived twice."""
    record = (*both_stand(), *happened)
    twice = Verdict(ORDER, {"email": 2})
    return repeat_words.told(Run(Choice(strategy, orders=(ORDER,)), record, (twice,), datetime.now(UTC)))[-1]


A_CHECKS, B_CHECKS = goes(1, "w1", "check:email"), goes(2, "w2", "check:email")
A_SENDS, A_MARKS = passes(1, "w1", "in:email"), passes(1, "w1", "mark:email")
BOTH_SENT = (finished(1, "w1"), finished(2, "w2"))


def test_who_was_let_go_after_it_had_looked_is_said_to_have_looked() -> None:
    said = why("check_then_mark", A_CHECKS, *A_SENDS, B_CHECKS, *A_MARKS, *BOTH_SENT)

    assert said == "B looked at move 3, before A marked the key at move 4. Both found nothing, and both sent."


def test_a_mark_that_was_no_move_has_no_number() -> None:
    said = why("check_then_mark", A_CHECKS, B_CHECKS, *A_SENDS, *BOTH_SENT)

    assert said == "B looked at move 2, before A had marked the key. Both found nothing, and both sent."


def test_who_was_let_go_before_it_looked_has_looked_all_the_same() -> None:
    said = why("check_then_mark", A_CHECKS, *BOTH_SENT)

    assert said == "Whoever sent it had looked before, and had found nothing marked yet."


def test_all_who_sent_are_named_whoever_let_them() -> None:
    assert why("off", *BOTH_SENT).startswith("A and B sent it")


def test_who_skipped_the_step_has_not_sent() -> None:
    found = table(finished(1, "w1"), skipped(2, "w2"), finished(2, "w2"))

    assert [hand.sent for hand in found.hands] == [True, False]
