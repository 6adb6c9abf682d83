"""The report of a reader's progress: computed from what is kept of her, each time anew."""

from lessons import progress, reading, report
from lessons.course import course
from lessons.progress import Tally
from lessons.report import Report
from tests.workers.back_of_house import BackOfHouse
from tests.workers.conftest import house, ledger_db, migrated, valkey
from workers import answers, commitments, events, lessons_read, sandboxes

__all__ = ["house", "ledger_db", "migrated", "valkey"]  # a ledger of its own for each of these tests

FIRST, SECOND = course().lessons[:2]
QUESTION = FIRST.questions[0]
RIGHT = next(option for option in QUESTION.options if option.right)
WRONG = next(option for option in QUESTION.options if not option.right)


def shown(house: BackOfHouse) -> Report:
    return report.of_reader(house.sandbox, course())


def answer(house: BackOfHouse, *options: str, confidence: str | None = None) -> None:
    for option in options:
        progress.answer(house.sandbox, FIRST, QUESTION.id, option, confidence)


def test_of_somebody_without_a_sandbox_there_is_nothing(house: BackOfHouse) -> None:
    found = report.of_reader(None, course())

    assert found.empty
    assert (found.read, found.following) == (0, FIRST)
    assert len(found.stops) == len(course().lessons)
    assert found.checks == Tally(0, 0, sum(len(lesson.questions) for lesson in course().lessons))


def test_a_question_shows_its_last_answer_and_how_often_it_was_tried(house: BackOfHouse) -> None:
    answer(house, WRONG.id, RIGHT.id, WRONG.id)

    tried = shown(house).stops[0].tried
    assert (tried[0].correct, tried[0].attempts) == (False, 3)
    assert {(each.correct, each.attempts) for each in tried[1:]} == {(None, 0)}
    assert (shown(house).checks.answered, shown(house).checks.right) == (1, 0)


def test_a_lesson_is_read_when_it_is_opened_or_when_a_question_of_it_is_answered(house: BackOfHouse) -> None:
    reading.mark(house.sandbox, SECOND)
    reading.mark(None, FIRST)
    assert [stop.lesson for stop in shown(house).stops if stop.read_at] == [SECOND]
    assert shown(house).following == FIRST

    answer(house, WRONG.id)

    assert [stop.lesson for stop in shown(house).stops if stop.read_at] == [FIRST, SECOND]
    assert shown(house).following == course().lessons[2]
    tallies = progress.of_course(house.sandbox, course())
    assert [slug for slug, tally in tallies.items() if tally.read] == [FIRST.slug, SECOND.slug]


def test_after_the_last_lesson_there_is_nowhere_to_go_on(house: BackOfHouse) -> None:
    for lesson in course().lessons:
        reading.mark(house.sandbox, lesson)

    assert shown(house).following is None
    assert shown(house).read == len(course().lessons)


def test_predictions_are_told_in_the_words_that_she_chose(house: BackOfHouse) -> None:
    asked = FIRST.lab.content.prediction.options[0]
    commitments.commit(house.sandbox, "race", "prediction", "6")
    commitments.commit(house.sandbox, "race", "observation", "same")
    commitments.commit(house.sandbox, FIRST.slug, "prediction", asked.id)
    commitments.commit(house.sandbox, SECOND.slug, "observation", "gone")

    found = [(said.lab, said.place, said.prediction, said.observation) for said in shown(house).said]
    assert found == [
        ("The race", None, "about 6 s", "the same"),
        (FIRST.lab.content.title, FIRST.lab, asked.text, None),
        (SECOND.lab.content.title, SECOND.lab, None, "gone"),
    ]


def test_what_was_run_is_counted_from_the_record(house: BackOfHouse) -> None:
    events.append(house.sandbox, events.OrderPlaced(order=1, checkout="now"), events.OrderPlaced(checkout="later"))
    events.append(house.sandbox, events.WorkerCrashed(pid=1, signal="SIGKILL"))

    assert (shown(house).orders_placed, shown(house).workers_killed) == (2, 1)
    assert not shown(house).empty


def test_the_practice_counts_for_itself_and_for_the_calibration(house: BackOfHouse) -> None:
    for question, correct in (("a", True), ("b", False), ("b", True), ("c", True)):
        answers.keep(house.sandbox, "practice", question, "x", "certain", correct)

    found = shown(house)
    assert (found.practice.answered, found.practice.right) == (3, 3)
    assert found.checks.answered == 0
    assert found.calibration.sentence == "When you were certain, you were right 2 of 3 times."


def test_a_sandbox_in_which_nothing_was_done_is_empty(house: BackOfHouse) -> None:
    assert shown(house).empty
    lessons_read.mark(house.sandbox, FIRST.slug)
    assert not shown(house).empty
    assert report.of_reader(sandboxes.create(awake=False), course()).empty
