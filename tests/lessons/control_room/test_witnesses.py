"""What it means when the three witnesses of a worker's life disagree."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lessons.control_room.witnesses import Heard, hear
from workers.snapshot import WorkerView

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
SOON, PAST = NOW + timedelta(seconds=3), NOW - timedelta(seconds=3)
IDLE = WorkerView("w1", 4242, "idle", PAST, heartbeat_age_s=0.4)
BUSY = replace(IDLE, state="busy", job="lab-1001", order=1001, lease_until=SOON)
FROZEN = replace(BUSY, state="frozen", heartbeat_age_s=12.2, heartbeat_at=PAST)
ACKNOWLEDGED = replace(BUSY, lease_until=None, acknowledged=True)
DEAD = replace(IDLE, state="dead", heartbeat_age_s=None, job="lab-1001", back_at=SOON)


@pytest.mark.parametrize("worker", [IDLE, BUSY, replace(DEAD, back_at=None), replace(DEAD, back_at=PAST)])
def test_witnesses_that_agree_have_little_to_say(worker: WorkerView) -> None:
    assert heard(worker).agree
    assert "agree" in heard(worker).meaning


@pytest.mark.parametrize(
    ("worker", "words"),
    [
        (FROZEN, ("stands still", "end of the lease")),
        (replace(FROZEN, lease_until=None), ("lease is over", "done twice")),
        (replace(FROZEN, lease_until=None, job=None), ("holds nothing",)),
        (replace(FROZEN, lease_until=None, acknowledged=True), ("stands still", "acknowledged before the work")),
        (DEAD, ("gone", "still runs")),
        (replace(DEAD, back_at=None, acknowledged=True), ("gone", "acknowledged before the work", "nobody")),
        (ACKNOWLEDGED, ("works", "the broker holds nothing of it", "acknowledged before the work")),
        (replace(BUSY, lease_until=None), ("works", "lease is over", "done twice")),
        (replace(BUSY, renews=False), ("does not renew", "delivered to another")),
        (replace(IDLE, heartbeat_age_s=31.0), ("said nothing",)),
        (replace(IDLE, heartbeat_age_s=None), ("no record",)),
    ],
)
def test_what_a_disagreement_means_is_one_sentence(worker: WorkerView, words: tuple[str, ...]) -> None:
    told = heard(worker)

    assert not told.agree
    assert all(word in told.meaning for word in words), told.meaning
    assert told.meaning.count(". ") == 0


def test_each_witness_says_its_own_word_and_for_how_long() -> None:
    frozen, dead, busy = heard(FROZEN), heard(DEAD), heard(BUSY)

    assert words(frozen) == ("stopped", "silent for", "leased for")
    assert frozen.heartbeat.since == PAST
    assert frozen.broker.until == dead.broker.until == SOON
    assert words(dead) == ("gone", "none", "leased for")
    assert words(busy) == ("alive", "heard", "leased")
    assert words(heard(ACKNOWLEDGED)) == ("alive", "heard", "acknowledged")
    assert words(heard(replace(BUSY, lease_until=None))) == ("alive", "heard", "no lease")
    assert heard(replace(BUSY, renews=False)).broker.until == SOON


def test_what_they_say_is_the_same_as_long_as_nothing_happens() -> None:
    for worker in (IDLE, BUSY, ACKNOWLEDGED, FROZEN, DEAD):
        older = replace(worker, heartbeat_age_s=worker.heartbeat_age_s and worker.heartbeat_age_s + 0.5)
        assert hear(older, supervised=True, now=NOW + timedelta(seconds=0.5)) == heard(worker)


def words(told: Heard) -> tuple[str, str, str]:
    return told.process.says, told.heartbeat.says, told.broker.says


def test_without_a_supervisor_nobody_looks_at_the_processes() -> None:
    told = hear(BUSY, supervised=False, now=NOW)

    assert (told.process.says, told.agree) == ("nobody looks", False)
    assert "supervisor is away" in told.meaning


def heard(worker: WorkerView) -> Heard:
    return hear(worker, supervised=True, now=NOW)
