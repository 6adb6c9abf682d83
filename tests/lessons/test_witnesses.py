"""What it means when the three witnesses of a worker's life disagree."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lessons.witnesses import Heard, hear
from workers.snapshot import WorkerView

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
SOON, PAST = NOW + timedelta(seconds=3), NOW - timedelta(seconds=3)
IDLE = WorkerView("w1", 4242, "idle", PAST, heartbeat_age_s=0.4)
BUSY = replace(IDLE, state="busy", job="lab-1001", order=1001, lease_until=SOON)
FROZEN = replace(BUSY, state="frozen", heartbeat_age_s=12.2)
DEAD = replace(IDLE, state="dead", heartbeat_age_s=None, job="lab-1001", back_at=SOON)


@pytest.mark.parametrize("worker", [IDLE, BUSY, replace(DEAD, back_at=None), replace(DEAD, back_at=PAST)])
def test_witnesses_that_agree_have_little_to_say(worker: WorkerView) -> None:
    assert heard(worker).agree
    assert "agree" in heard(worker).meaning


@pytest.mark.parametrize(
    ("worker", "words"),
    [
        (FROZEN, ("stands still", "3.0\u00a0s more")),
        (replace(FROZEN, lease_until=None), ("lease is over", "done twice")),
        (replace(FROZEN, lease_until=None, job=None), ("holds nothing",)),
        (DEAD, ("gone", "runs for 3.0\u00a0s more")),
        (replace(IDLE, heartbeat_age_s=31.0), ("said nothing for 31\u00a0s",)),
        (replace(IDLE, heartbeat_age_s=None), ("no record",)),
    ],
)
def test_what_a_disagreement_means_is_one_sentence(worker: WorkerView, words: tuple[str, ...]) -> None:
    told = heard(worker)

    assert not told.agree
    assert all(word in told.meaning for word in words), told.meaning
    assert told.meaning.count(". ") == 0


def test_each_witness_says_its_own_word() -> None:
    told = heard(FROZEN)

    assert (told.process, told.heartbeat, told.broker) == ("stopped", "12\u00a0s ago", "leased for 3.0\u00a0s")
    dead = heard(DEAD)
    assert (dead.process, dead.heartbeat, dead.broker) == ("gone", "none", "leased for 3.0\u00a0s")


def test_without_a_supervisor_nobody_looks_at_the_processes() -> None:
    told = hear(BUSY, supervised=False, now=NOW)

    assert (told.process, told.agree) == ("nobody looks", False)
    assert "supervisor is away" in told.meaning


def heard(worker: WorkerView) -> Heard:
    return hear(worker, supervised=True, now=NOW)
