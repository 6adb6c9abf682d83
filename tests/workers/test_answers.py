"""The answers to the quick checks: every attempt is kept, the last one counts."""

import pytest
from sqlalchemy import func, select

from tests.workers.back_of_house import BackOfHouse
from workers import answers, sandboxes, tables
from workers.database import read
from workers.errors import OverLimit


def test_the_last_attempt_counts_and_all_are_kept(house: BackOfHouse) -> None:
    for option, correct in (("a", False), ("b", True)):
        answers.keep(house.sandbox, "crashes", "first", option, "guess", correct)
    answers.keep(house.sandbox, "retries", "first", "a", None, False)

    found = answers.latest(house.sandbox)

    assert {key: (answer.option, answer.correct) for key, answer in found.items()} == {
        ("crashes", "first"): ("b", True),
        ("retries", "first"): ("a", False),
    }
    assert set(answers.latest(house.sandbox, "retries")) == {("retries", "first")}
    assert answers_kept(house) == 3


def test_every_attempt_can_be_read_in_its_order(house: BackOfHouse) -> None:
    for option in ("c", "a", "b"):
        answers.keep(house.sandbox, "crashes", "first", option, "guess", False)

    assert [answer.option for answer in answers.of_sandbox(house.sandbox)] == ["c", "a", "b"]
    assert answers.of_sandbox("nobody") == []


def test_answers_belong_to_one_sandbox_and_go_with_it(house: BackOfHouse) -> None:
    answers.keep(house.sandbox, "crashes", "first", "a", None, True)

    assert answers.latest(sandboxes.create(awake=False)) == {}
    sandboxes.delete(house.sandbox)
    assert answers_kept(house) == 0


def test_nobody_fills_the_disk_with_answers(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST", 1)
    answers.keep(house.sandbox, "crashes", "first", "a", None, True)

    with pytest.raises(OverLimit):
        answers.keep(house.sandbox, "crashes", "first", "a", None, True)

    assert answers_kept(house) == 1


def test_somebody_who_only_answers_has_no_workers(house: BackOfHouse) -> None:
    reader = sandboxes.create(awake=False)

    assert reader not in sandboxes.wished_workers()
    assert house.sandbox in sandboxes.wished_workers()


def answers_kept(house: BackOfHouse) -> int:
    mine = select(func.count()).select_from(tables.answers).where(tables.answers.c.sandbox == house.sandbox)
    with read() as db:
        return int(db.execute(mine).scalar_one())
