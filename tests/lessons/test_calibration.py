"""Calibration counts first answers, draws them on one scale, and says nothing of too few."""

from datetime import UTC, datetime

from lessons.calibration import Calibration, of_answers
from workers.answers import Answer

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def answered(question: str, confidence: str | None, correct: bool, lesson: str = "crashes") -> Answer:
    return Answer(lesson, question, "a", confidence, correct, NOW)


def many(confidence: str, right: int, of: int) -> list[Answer]:
    return [answered(f"{confidence}-{number}", confidence, number < right) for number in range(of)]


def shares(found: Calibration) -> dict[str, tuple[int, int, int | None]]:
    return {row.confidence: (row.right, row.of, row.percent) for row in found.rows}


def test_each_confidence_is_counted_for_itself() -> None:
    found = of_answers(many("certain", 7, 9) + many("fairly sure", 2, 4) + many("guess", 1, 3))

    assert shares(found) == {"guess": (1, 3, 33), "fairly sure": (2, 4, 50), "certain": (7, 9, 78)}
    assert found.sentence == "When you were certain, you were right 7 of 9 times."


def test_only_the_first_answer_to_a_question_counts() -> None:
    again = [answered("certain-2", "certain", True), answered("certain-2", "guess", True)]

    found = of_answers(many("certain", 2, 3) + again)

    assert shares(found) == {"guess": (0, 0, None), "fairly sure": (0, 0, None), "certain": (2, 3, 67)}


def test_a_first_answer_without_a_confidence_is_not_made_good_by_a_second_one() -> None:
    found = of_answers([answered("q", None, False), answered("q", "certain", True)])

    assert {row.of for row in found.rows} == {0}


def test_questions_of_the_same_name_in_two_lessons_are_two() -> None:
    found = of_answers([answered("q", "guess", True, lesson) for lesson in ("crashes", "retries", "practice")])

    assert shares(found)["guess"] == (3, 3, 100)


def test_of_too_few_answers_it_says_nothing() -> None:
    found = of_answers(many("certain", 2, 2) + many("guess", 0, 1))

    assert (found.sentence, found.figure) == (None, None)
    assert [row.confidence for row in found.thin] == ["guess", "certain"]


def test_a_confidence_with_too_few_answers_has_no_bar() -> None:
    found = of_answers(many("certain", 2, 2) + many("guess", 0, 3))

    assert found.sentence == "When you were guessing, you were right 0 of 3 times."
    assert found.figure
    assert [bar.label for bar in found.figure.rows] == ["guess: 0 of 3"]
    assert [row.confidence for row in found.thin] == ["certain"]


def test_the_bars_stand_on_an_axis_from_0_to_100_per_cent() -> None:
    figure = of_answers(many("fairly sure", 1, 4)).figure

    assert figure
    assert (figure.axis.low, figure.axis.high) == (0, 100)
    assert [figure.axis.share(bar.value) for bar in figure.rows] == [25]
    assert figure.table[1] == [("fairly sure: 1 of 4", "25\u00a0%")]
