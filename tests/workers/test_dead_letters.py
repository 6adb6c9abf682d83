"""Dead letters are found by their kind of error and by search, page by page."""

from __future__ import annotations

import pytest

from tests.workers.back_of_house import BackOfHouse
from tests.workers.letters import REFUSED, letter, letters
from workers import dead_letters, tables
from workers.chosen import Chosen
from workers.errors import UnknownLetter


def test_letters_are_grouped_by_the_kind_of_error_the_most_frequent_first(house: BackOfHouse) -> None:
    rare = letter(house, "time-out")
    frequent = letters(house, 3)

    most, least = dead_letters.groups(house.sandbox)

    assert (most.name, most.count) == (f"email: {REFUSED}", 3)
    assert (least.name, least.count) == ("email: time-out", 1)
    assert most.sample.message == frequent[-1].id
    assert most.first_seen < most.last_seen
    assert least.first_seen == least.last_seen == least.sample.dead_at
    assert least.sample.order == rare.order


def test_a_letter_says_what_failed_how_often_and_since_when(house: BackOfHouse) -> None:
    message = letter(house)

    [found] = dead_letters.page(house.sandbox).letters

    assert (found.message, found.order, found.step, found.attempts) == (message.id, message.order, "email", 3)
    assert found.error == f"It failed: {REFUSED} {message.order}"
    assert found.first_failed_at < found.dead_at


def test_opened_it_shows_its_payload_and_its_traceback(house: BackOfHouse) -> None:
    message = letter(house)

    opened = dead_letters.find(house.sandbox, message.id)

    assert opened.payload == message.encode()
    assert "StepUnavailable" in opened.traceback


@pytest.mark.parametrize("name", ["{sandbox}-9", "{sandbox}", "another-1001", "", "a\0b", "{sandbox}-1001-1001"])
def test_what_is_no_dead_letter_is_not_found(house: BackOfHouse, name: str) -> None:
    letter(house)

    with pytest.raises(UnknownLetter):
        dead_letters.find(house.sandbox, name.format(sandbox=house.sandbox))


def test_pages_hold_fifty_the_newest_first(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "PER_PAGE", 2)
    made = [message.id for message in letters(house, 5)]

    pages = [dead_letters.page(house.sandbox, page=number) for number in (1, 2, 3, 99, 0)]

    assert [[found.message for found in page.letters] for page in pages[:3]] == [
        [made[4], made[3]],
        [made[2], made[1]],
        [made[0]],
    ]
    assert {(page.total, page.pages) for page in pages} == {(5, 3)}
    assert [page.page for page in pages] == [1, 2, 3, 3, 1]


def test_without_letters_there_is_one_empty_page(house: BackOfHouse) -> None:
    assert dead_letters.page(house.sandbox) == dead_letters.LetterPage((), total=0, page=1, pages=1)
    assert dead_letters.groups(house.sandbox) == ()
    assert dead_letters.oldest_age_s(house.sandbox) is None


@pytest.mark.parametrize(
    ("search", "found"), [("TIME-out", 1), ("550", 2), ("{order}", 1), ("  ", 3), ("%", 0), ("_", 0), ("\\", 0)]
)
def test_a_search_looks_into_errors_and_order_numbers(house: BackOfHouse, search: str, found: int) -> None:
    late, *_ = letter(house, "time-out"), *letters(house, 2)
    words = search.format(order=late.order)

    assert dead_letters.page(house.sandbox, search=words).total == found
    assert dead_letters.count(house.sandbox, Chosen(all=True, search=words)) == found
    assert sum(group.count for group in dead_letters.groups(house.sandbox, words)) == found


def test_the_oldest_says_how_long_nobody_looked(house: BackOfHouse) -> None:
    letter(house)
    house.age(tables.dead_letters, by_s=40)
    letter(house)

    assert 40 <= (dead_letters.oldest_age_s(house.sandbox) or 0) < 45


def test_only_one_way_to_choose_is_an_empty_choice_by_default(house: BackOfHouse) -> None:
    letter(house)

    assert dead_letters.count(house.sandbox, Chosen()) == 0
