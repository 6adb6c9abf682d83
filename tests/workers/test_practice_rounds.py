"""The rounds of the practice: the last one is under way, and what was answered since it began belongs to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from tests.workers.back_of_house import BackOfHouse
from workers import answers, practice_rounds, sandboxes, tables
from workers.database import read
from workers.errors import OverLimit

QUESTIONS = ["one", "two", "three"]


def test_who_has_not_begun_has_no_round(house: BackOfHouse) -> None:
    assert practice_rounds.latest(house.sandbox) is None


def test_the_last_round_is_under_way_with_its_questions_in_order(house: BackOfHouse) -> None:
    practice_rounds.begin_round(house.sandbox, QUESTIONS)
    begun = practice_rounds.begin_round(house.sandbox, ["three", "one"])

    assert practice_rounds.latest(house.sandbox) == begun
    assert begun.questions == ("three", "one")


def test_a_first_round_is_begun_once(house: BackOfHouse) -> None:
    with ThreadPoolExecutor(4) as pool:
        begun = list(pool.map(lambda _: practice_rounds.begin_first_round(house.sandbox, QUESTIONS), range(4)))

    assert len(set(begun)) == 1
    assert rounds_kept(house.sandbox) == 1


def test_all_answers_of_a_round_are_there_the_first_one_first(house: BackOfHouse) -> None:
    begun = practice_rounds.begin_round(house.sandbox, QUESTIONS)
    for question, option in (("one", "a"), ("two", "a"), ("one", "b")):
        answers.keep(house.sandbox, practice_rounds.LESSON, question, option, None, option == "b")

    found = practice_rounds.answers_in(begun)

    assert {question: [each.option for each in given] for question, given in found.items()} == {
        "one": ["a", "b"],
        "two": ["a"],
    }


def test_answers_from_before_or_elsewhere_do_not_belong_to_a_round(house: BackOfHouse) -> None:
    practice_rounds.begin_round(house.sandbox, QUESTIONS)
    answers.keep(house.sandbox, practice_rounds.LESSON, "one", "a", None, False)
    begun = practice_rounds.begin_round(house.sandbox, QUESTIONS)
    answers.keep(house.sandbox, "crashes", "one", "a", None, False)
    answers.keep(sandboxes.create(awake=False), practice_rounds.LESSON, "one", "a", None, False)

    assert practice_rounds.answers_in(begun) == {}


def test_rounds_belong_to_one_sandbox_and_go_with_it(house: BackOfHouse) -> None:
    practice_rounds.begin_round(house.sandbox, QUESTIONS)

    assert practice_rounds.latest(sandboxes.create(awake=False)) is None
    sandboxes.delete(house.sandbox)
    assert rounds_kept(house.sandbox) == 0


def test_nobody_fills_the_disk_with_rounds(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(practice_rounds, "MOST", 1)
    practice_rounds.begin_round(house.sandbox, QUESTIONS)

    with pytest.raises(OverLimit):
        practice_rounds.begin_round(house.sandbox, QUESTIONS)

    assert rounds_kept(house.sandbox) == 1


def rounds_kept(sandbox: str) -> int:
    mine = select(func.count()).select_from(tables.practice_rounds).where(tables.practice_rounds.c.sandbox == sandbox)
    with read() as db:
        return int(db.execute(mine).scalar_one())
