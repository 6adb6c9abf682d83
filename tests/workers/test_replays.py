"""Dead letters go back to the queue with all of their tries, once, and in good time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.workers.back_of_house import BackOfHouse
from tests.workers.letters import in_dead_set, letter, letters
from workers import audit, dead_letters, ledger, outbox, places, replays, sandboxes, tables
from workers.chosen import Chosen
from workers.connections import broker
from workers.errors import CountChanged, UnknownSandbox

ALL = Chosen(all=True)


def test_a_replayed_letter_is_a_message_again_with_all_of_its_tries(house: BackOfHouse) -> None:
    message = letter(house)

    done = replays.replay(house.sandbox, Chosen(messages=(message.id,)), expected=1)

    row = house.row(message)
    assert done == replays.Progress(total=1, replayed=1, skipped=0, running=False)
    assert (row.failures, row.dead_at, row.due_at) == (0, None, None)
    assert (house.waiting(), in_dead_set(house)) == ([message.id], [])
    assert house.broker.hget(f"rq:job:{message.id}", "status") == b"queued"
    assert [event.message for event in house.events("MessageReplayed")] == [message.id]
    assert dead_letters.count(house.sandbox) == 0
    assert outbox.taken(message, "w1", 8) == 1


def test_the_oldest_go_first_and_behind_what_waits(house: BackOfHouse) -> None:
    made = letters(house, 3)
    waiting = house.place()

    replays.replay(house.sandbox, ALL)

    assert house.waiting() == [waiting.id, *(message.id for message in made)]


def test_a_group_is_replayed_and_the_others_stay(house: BackOfHouse) -> None:
    wanted, other = letter(house, "time-out"), letter(house)

    replays.replay(house.sandbox, Chosen(group="email: time-out"))

    assert (house.waiting(), in_dead_set(house)) == ([wanted.id], [other.id])


def test_nothing_chosen_is_nothing_replayed(house: BackOfHouse) -> None:
    letter(house)

    assert replays.replay(house.sandbox, Chosen()).total == 0
    assert house.waiting() == []


def test_another_number_than_the_asker_was_told_is_refused_with_the_new_one(house: BackOfHouse) -> None:
    letters(house, 2)

    with pytest.raises(CountChanged) as refused:
        replays.replay(house.sandbox, ALL, expected=3)

    assert refused.value.count == 2
    assert house.waiting() == []


def test_two_clicks_at_once_do_not_act_twice(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "CHUNK", 5)
    made = letters(house, 40)

    with ThreadPoolExecutor(4) as clicks:
        done = list(clicks.map(lambda _: replays.replay(house.sandbox, ALL), range(4)))

    assert sum(each.replayed for each in done) == 40
    assert all(each.replayed + each.skipped == each.total for each in done)
    assert sorted(house.waiting()) == sorted(message.id for message in made)
    assert len(house.events("MessageReplayed")) == 40


def test_a_replay_can_be_stopped_between_two_chunks(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "CHUNK", 5)
    letters(house, 20)
    move: Any = places.replay

    def stop_after_this(*args: Any) -> Any:
        seen.append(replays.progress(house.sandbox))
        assert replays.stop(house.sandbox)
        return move(*args)

    seen: list[replays.Progress | None] = []
    monkeypatch.setattr(places, "replay", stop_after_this)

    done = replays.replay(house.sandbox, ALL)

    assert seen == [replays.Progress(total=20, replayed=5, skipped=0, running=True)]
    assert done == replays.Progress(total=20, replayed=5, skipped=0, running=False)
    assert (len(house.waiting()), dead_letters.count(house.sandbox)) == (5, 15)
    assert not replays.stop(house.sandbox)


def test_what_dies_again_meanwhile_is_not_replayed_again(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    letter(house)
    move: Any = places.replay

    def and_one_more(*args: Any) -> Any:
        letter(house)
        return move(*args)

    monkeypatch.setattr(places, "replay", and_one_more)

    assert replays.replay(house.sandbox, ALL).replayed == 1
    assert dead_letters.count(house.sandbox) == 1


def test_a_letter_that_the_broker_forgot_is_enqueued_anew(house: BackOfHouse) -> None:
    known, forgotten = letters(house, 2)
    house.broker.delete(f"rq:job:{forgotten.id}")

    replays.replay(house.sandbox, ALL)

    assert sorted(house.waiting()) == sorted([known.id, forgotten.id])
    assert house.broker.hget(f"rq:job:{forgotten.id}", "status") == b"queued"


def test_a_replay_that_dies_between_ledger_and_broker_is_healed(
    house: BackOfHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = letter(house)
    with monkeypatch.context() as patch:
        patch.setattr(places, "replay", lambda *_: [])
        replays.replay(house.sandbox, ALL)
    house.age(tables.outbox, by_s=10)

    audit.find_orphans(house.broker, audit.find_orphans(house.broker, set()))

    assert (house.waiting(), in_dead_set(house)) == ([message.id], [])


def test_before_the_first_replay_there_is_no_progress(house: BackOfHouse) -> None:
    assert replays.progress(house.sandbox) is None


def test_a_replay_whose_process_died_does_not_run_for_ever(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "_claim_chunk", lambda *_: pytest.fail("it dies"))
    with pytest.raises(pytest.fail.Exception):
        replays.replay(house.sandbox, ALL)
    assert (running := replays.progress(house.sandbox))
    assert running.running

    house.age(tables.replays, by_s=61)

    assert (over := replays.progress(house.sandbox))
    assert not over.running


def test_the_ledger_adds_up_before_and_after(house: BackOfHouse) -> None:
    letters(house, 3)
    before = ledger.read_books(house.sandbox).ledger

    replays.replay(house.sandbox, ALL)

    after = ledger.read_books(house.sandbox).ledger
    assert (before.dead, before.waiting, after.dead, after.waiting) == (3, 0, 0, 3)
    assert before.adds_up
    assert after.adds_up


def test_a_sandbox_that_is_deleted_meanwhile_ends_its_replay(
    house: BackOfHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter(house)
    move: Any = places.replay

    def and_delete(*args: Any) -> Any:
        sandboxes.delete(house.sandbox)
        return move(*args)

    monkeypatch.setattr(places, "replay", and_delete)

    with pytest.raises(UnknownSandbox):
        replays.replay(house.sandbox, ALL)


def test_another_sandbox_keeps_its_letters(house: BackOfHouse) -> None:
    letter(house)

    assert replays.replay("another", ALL).total == 0
    assert dead_letters.count(house.sandbox) == 1
    assert broker().zcard(f"rq:failed:{house.sandbox}:checkout") == 1
