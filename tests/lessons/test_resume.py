"""The four words: common, many enough, read with patience, and never said again."""

import re
from collections.abc import Callable

import pytest

from lessons import resume
from lessons.problems import Invalid
from tests.workers.back_of_house import BackOfHouse
from tests.workers.conftest import house, ledger_db, migrated, valkey
from workers import resume_codes

__all__ = ["house", "ledger_db", "migrated", "valkey"]  # a ledger of its own for each of these tests


def test_there_are_words_enough_for_44_bits_and_all_are_short_and_plain() -> None:
    assert len(resume.WORDS) == len(set(resume.WORDS)) == 2**11
    assert [word for word in resume.WORDS if not re.fullmatch("[a-z]{3,7}", word)] == []
    assert resume.LENGTH * 11 == 44


def test_a_code_is_four_words_of_the_list_and_leads_to_its_reader(house: BackOfHouse) -> None:
    fresh = resume.make(house.sandbox)

    assert len(fresh.words) == 4
    assert set(fresh.words) <= set(resume.WORDS)
    assert resume.sandbox_of(fresh.code) == house.sandbox


@pytest.mark.parametrize(
    "write",
    [
        str.upper,
        str.title,
        lambda code: code.replace(" ", "-"),
        lambda code: code.replace(" ", "  \t"),
        lambda code: f"  {code}\r\n",
        lambda code: code.replace(" ", ", "),
        lambda code: code.replace(" ", " – "),
    ],
)
def test_a_code_may_be_written_in_many_ways(house: BackOfHouse, write: Callable[[str], str]) -> None:
    fresh = resume.make(house.sandbox)

    assert resume.sandbox_of(write(fresh.code)) == house.sandbox


@pytest.mark.parametrize(
    "code", ["", "one", "a b c d", "lemon lemon lemon lemon", "x " * 40, "\x00\ud800 é 中文 🦦", "1 2 3 4"]
)
def test_every_code_that_leads_nowhere_gets_the_same_answer(house: BackOfHouse, code: str) -> None:
    resume.make(house.sandbox)

    with pytest.raises(Invalid) as refused:
        resume.sandbox_of(code)

    assert [(error["field"], error["problem"]) for error in refused.value.fields] == [("code", resume.WRONG)]


def test_one_word_too_many_or_in_another_place_is_another_code(house: BackOfHouse) -> None:
    first, second, *rest = resume.make(house.sandbox).words
    if first == second:
        first, second, *rest = resume.make(house.sandbox).words

    for words in ([second, first, *rest], [first, second, *rest, "lemon"], [first, second, rest[0]]):
        with pytest.raises(Invalid):
            resume.sandbox_of(" ".join(words))


def test_what_is_kept_does_not_say_the_code(house: BackOfHouse) -> None:
    fresh = resume.make(house.sandbox)

    kept = resume.digest(fresh.words)
    assert re.fullmatch("[0-9a-f]{64}", kept)
    assert resume_codes.sandbox_of(kept) == house.sandbox


def test_another_secret_key_makes_another_digest(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("lemon", "otter", "train", "river")
    before = resume.digest(words)

    monkeypatch.setattr(resume, "current", lambda: type("Other", (), {"secret_key": "another"}))

    assert resume.digest(words) != before


def test_words_that_somebody_else_has_are_drawn_again(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["lemon"] * 8 + ["otter"] * 4)
    monkeypatch.setattr("secrets.choice", lambda words: next(drawn))
    resume.make("another")

    assert resume.make(house.sandbox).code == "otter otter otter otter"
    assert resume.sandbox_of("lemon lemon lemon lemon") == "another"
