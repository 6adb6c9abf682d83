"""Deleted letters can be brought back for half a minute; then they are closed, and what they lack is lost."""

from __future__ import annotations

import pytest

from tests.workers.back_of_house import BackOfHouse
from tests.workers.letters import in_dead_set, letter, letters
from workers import dead_letters, deletions, events, ledger, outbox, replays, tables
from workers.chosen import Chosen
from workers.errors import CountChanged, UnknownLetter

ALL = Chosen(all=True)


def test_a_deleted_letter_is_not_shown_and_not_replayed(house: BackOfHouse) -> None:
    message, other = letters(house, 2)

    assert deletions.remove(house.sandbox, Chosen(messages=(message.id,)), expected=1) == 1

    assert [found.message for found in dead_letters.page(house.sandbox).letters] == [other.id]
    with pytest.raises(UnknownLetter):
        dead_letters.find(house.sandbox, message.id)
    assert replays.replay(house.sandbox, ALL).replayed == 1
    [deleted] = house.events("DeadLettersDeleted")
    assert isinstance(deleted, events.DeadLettersDeleted)
    assert deleted.count == 1


def test_a_mistaken_deletion_is_taken_back(house: BackOfHouse) -> None:
    letters(house, 3)
    deletions.remove(house.sandbox, ALL)
    assert (dead_letters.count(house.sandbox), deletions.count_undoable(house.sandbox)) == (0, 3)

    assert deletions.restore(house.sandbox) == 3
    assert deletions.restore(house.sandbox) == 0

    assert (dead_letters.count(house.sandbox), deletions.count_undoable(house.sandbox)) == (3, 0)
    assert len(house.events("DeadLettersRestored")) == 1


def test_after_half_a_minute_it_cannot_be_taken_back(house: BackOfHouse) -> None:
    letter(house)
    deletions.remove(house.sandbox, ALL)
    house.age(tables.dead_letters, by_s=deletions.UNDO_FOR_S + 0.5)

    assert deletions.restore(house.sandbox) == 0


def test_until_then_the_order_is_dead_and_afterwards_it_is_lost(house: BackOfHouse) -> None:
    message = letter(house)
    deletions.remove(house.sandbox, ALL)
    assert deletions.purge() == 0
    assert ledger.read_books(house.sandbox).ledger.dead == 1
    house.age(tables.dead_letters, by_s=deletions.FINAL_AFTER_S + 1)

    assert deletions.purge() == 1
    assert deletions.purge() == 0

    books = ledger.read_books(house.sandbox)
    assert (books.ledger.dead, books.ledger.lost, books.ledger.done) == (0, 1, 0)
    assert books.ledger.adds_up
    assert (books.acknowledged, books.latest) == (0, ())
    assert house.row(message).closed_at is not None
    assert in_dead_set(house) == []
    [purged] = house.events("DeadLettersPurged")
    assert isinstance(purged, events.DeadLettersPurged)
    assert purged.count == 1
    assert not house.broker.exists(f"rq:job:{message.id}")


def test_a_letter_that_was_deleted_for_good_is_refused_to_workers(house: BackOfHouse) -> None:
    message = letter(house)
    deletions.remove(house.sandbox, ALL)
    house.age(tables.dead_letters, by_s=60)
    deletions.purge()

    assert outbox.taken(message, "w1", 8) is None


def test_many_are_deleted_in_chunks(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletions, "CHUNK", 2)
    letters(house, 5)

    assert deletions.remove(house.sandbox, ALL) == 5
    assert dead_letters.count(house.sandbox) == 0
    assert len(house.events("DeadLettersDeleted")) == 1


def test_another_number_than_the_asker_was_told_is_refused(house: BackOfHouse) -> None:
    letters(house, 2)

    with pytest.raises(CountChanged) as refused:
        deletions.remove(house.sandbox, ALL, expected=1)

    assert (refused.value.count, dead_letters.count(house.sandbox)) == (2, 2)
