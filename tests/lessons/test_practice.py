"""The practice's scenarios are checked like a lesson's questions, and in a round the first answers count."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import pytest

from lessons import practice
from lessons.course import course
from lessons.practice import FILE, PATH, Round, Scenario
from workers.answers import Answer
from workers.database import utc_now

LESSONS = course().lessons
SLUGS = [lesson.slug for lesson in LESSONS]
TEXT = FILE.read_text()
FIRST, SECOND, THIRD, *REST = practice.practice().questions


def test_nothing_is_wrong_with_the_scenarios() -> None:
    assert practice.faults(SLUGS) == []


def test_the_three_given_scenarios_come_first_of_at_least_twelve() -> None:
    assert [each.id for each in (FIRST, SECOND, THIRD)] == ["video-upload", "duplicate-emails", "dead-letters-500"]
    assert len(REST) >= 9


def test_the_right_option_is_not_always_at_the_same_place() -> None:
    places = [[option.right for option in each.options].index(True) for each in practice.practice().questions]

    assert set(places) >= {0, 1, 2}
    assert max(places.count(place) for place in places) <= len(places) / 2


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('title = "Video upload"', 'titel = "Video upload"', "questions.1.titel is a key that nobody reads"),
        ('story = "A site', 'story = "Short." # "', "questions.1.story has 10 words. Tell it in 60 to 110"),
        ('story = "A site for', 'story = "' + "So " * 30, "questions.1.story has 117 words. Tell it in 60 to 110"),
        ('lesson = "now-or-later"', 'lesson = "tomorrow"', "questions.1.lesson names no lesson. There are"),
        ("Which part of the work belongs", "Which part does not belong", "prompt asks for what does not hold"),
        ("Which part of the work belongs", "Which part doesn't belong", "prompt asks for what does not hold"),
        ('text = "All of it, so', 'text = "All of the above, so', "options.1.text stands for other options"),
        ("right = true", "right = false", "questions.1 has no right option"),
        ("right = false", "right = true", "questions.1 has 2 right options: everything, save-and-record"),
        ('id = "everything"', 'id = "nothing"', "names a second option “nothing”"),
        ('id = "duplicate-emails"', 'id = "video-upload"', "names a second question “video-upload”"),
        ('feedback = "Four versions', 'feedbak = "Four versions', "questions.1.options.1.feedback is missing"),
        ('belief = "An upload', 'belief = "" # "', "questions.1.options.1.belief is empty"),
        ("turn.", "turn!", "has an exclamation mark"),
        ("[[questions]]", "[[questions", "is not TOML"),
    ],
)
def test_a_spoilt_file_is_named_with_line_key_and_remedy(old: str, new: str, complaint: str) -> None:
    assert old in TEXT
    found = practice.faults_in(TEXT.replace(old, new, 1), SLUGS)

    named = [fault for fault in found if complaint in str(fault)]
    assert named, [str(fault) for fault in found]
    assert all(fault.path == PATH and fault.line and fault.remedy for fault in named)


def test_too_few_scenarios_are_a_fault() -> None:
    one = "[[questions]]" + TEXT.split("[[questions]]")[1]

    assert f"{PATH}:1: the file has 1 scenarios. The practice has at least 12." in map(
        str, practice.faults_in(one, SLUGS)
    )
    assert practice.faults_in("", SLUGS)


def test_a_key_that_stands_out_by_its_length_is_a_fault() -> None:
    telling = [option.text for each in practice.practice().questions for option in each.options if option.right]
    spoilt = TEXT
    for text in telling:
        spoilt = spoilt.replace(f'"{text}"', f'"{text} {"And more of it. " * 9}"')

    [fault] = practice.faults_in(spoilt, SLUGS)
    assert fault.path == PATH
    assert "is the longest one in 12 of 12 questions" in fault.problem


def test_a_file_that_cannot_be_read_is_logged_and_asks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    spoilt = tmp_path / "practice.toml"
    spoilt.write_text("questions = 1")
    monkeypatch.setattr(practice, "FILE", spoilt)
    practice.practice.cache_clear()

    with caplog.at_level(logging.ERROR):
        assert practice.practice().questions == ()
    practice.practice.cache_clear()
    assert PATH in caplog.text


def test_a_scenario_is_told_without_its_key() -> None:
    told = FIRST.without_key()

    assert set(told) == {"id", "title", "prompt", "options"}
    assert told["prompt"] == f"{FIRST.story} {FIRST.prompt}"
    assert all(set(option) == {"id", "text"} for option in told["options"])


def test_the_first_answer_counts_and_the_last_one_is_shown() -> None:
    now = a_round([FIRST, SECOND], {FIRST: [False, True], SECOND: [True, False]})

    assert (now.score, now.answered, now.next) == (1, 2, None)
    assert [turn.scenario for turn in now.missed] == [FIRST]
    assert [turn.chosen and turn.chosen.right for turn in now.turns] == [True, False]


def test_a_round_goes_on_with_the_first_that_is_open() -> None:
    now = a_round([FIRST, SECOND, THIRD], {SECOND: [True]})

    assert now.next == now.turns[0]
    assert (now.place(THIRD), now.place(REST[0])) == (3, None)
    assert now.turns[0].chosen is None


def test_an_answer_outside_of_the_round_does_not_count() -> None:
    now = a_round([FIRST], {SECOND: [True]})

    assert (now.score, now.answered) == (0, 0)
    assert now.turn(SECOND).right


def test_the_summary_goes_by_lesson_in_the_order_of_the_course() -> None:
    now = a_round(practice.practice().questions, {FIRST: [True], THIRD: [False]})

    tallies = now.by_lesson(LESSONS)

    slugs = [tally.lesson.slug for tally in tallies]
    assert slugs == [slug for slug in SLUGS if slug in slugs]
    assert sum(len(tally.turns) for tally in tallies) == len(now.turns)
    assert {tally.lesson.slug for tally in tallies if tally.missed} == {THIRD.lesson}


def a_round(scenarios: Sequence[Scenario], given: dict[Scenario, list[bool]]) -> Round:
    """A round in which scenarios were answered right or wrong, one answer after the other."""
    answered = {each.id: [an_answer(each, right) for right in rights] for each, rights in given.items()}
    return Round(tuple(scenarios), answered)


def an_answer(scenario: Scenario, right: bool) -> Answer:
    option = next(option for option in scenario.options if option.right is right)
    return Answer("practice", scenario.id, option.id, None, right, utc_now())
