"""How far a reader is in each lesson, computed from what is kept of her."""

import pytest

from lessons import progress
from lessons.course import course
from lessons.problems import Invalid
from lessons.progress import Tally
from tests.workers.back_of_house import BackOfHouse
from tests.workers.conftest import house, ledger_db, migrated, valkey

__all__ = ["house", "ledger_db", "migrated", "valkey"]  # a ledger of its own for each of these tests

FIRST, SECOND = course().lessons[:2]
QUESTION = FIRST.questions[0]
RIGHT = next(option for option in QUESTION.options if option.right)
WRONG = next(option for option in QUESTION.options if not option.right)


def test_the_last_answer_is_shown_unless_it_is_tried_again(house: BackOfHouse) -> None:
    for option in (WRONG, RIGHT):
        progress.answer(house.sandbox, FIRST, QUESTION.id, option.id, None)

    assert progress.checks(house.sandbox, FIRST)[QUESTION.id].chosen == RIGHT
    assert progress.checks(house.sandbox, FIRST, again=QUESTION.id)[QUESTION.id].chosen is None
    assert progress.checks(None, FIRST)[QUESTION.id].chosen is None


def test_an_answer_shows_that_its_lesson_was_opened(house: BackOfHouse) -> None:
    progress.answer(house.sandbox, FIRST, QUESTION.id, WRONG.id, "certain")

    tallies = progress.of_course(house.sandbox, course())
    assert tallies[FIRST.slug] == Tally(answered=1, right=0, of=len(FIRST.questions), read=True)
    assert tallies[SECOND.slug] == Tally(answered=0, right=0, of=len(SECOND.questions), read=False)


@pytest.mark.parametrize(("question", "option"), [("nonsense", RIGHT.id), (QUESTION.id, "nonsense"), ("", "")])
def test_an_answer_that_cannot_be_given_leaves_nothing(house: BackOfHouse, question: str, option: str) -> None:
    with pytest.raises(Invalid):
        progress.answer(house.sandbox, FIRST, question, option, None)

    assert not any(tally.read or tally.answered for tally in progress.of_course(house.sandbox, course()).values())
