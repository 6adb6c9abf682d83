"""What can be searched: every anchor is on its page, and no quick check is among it."""

from __future__ import annotations

from lessons import passages
from lessons.course import course
from tests.routes.reading import leaks, words

ALL = tuple(passages.of_everything())


def test_every_lesson_is_in_it_from_its_goal_to_its_recap() -> None:
    for lesson in course().lessons:
        own = [passage.text for passage in ALL if passage.title == lesson.front.title]
        assert len(own) > 10
        assert words(own[0]) == words(lesson.front.goal)
        assert words(own[-1]) == words(lesson.front.recap)


def test_every_anchor_in_a_lesson_is_on_its_page() -> None:
    for lesson in course().lessons:
        figures = {f"figure-{block.content.id}" for block in lesson.blocks if block.kind == "figure"}
        on_page = lesson.anchors | figures | {"lesson-recap", ""}
        own = [passage.address for passage in ALL if passage.address.partition("#")[0] == lesson.address]
        assert {address.partition("#")[2] for address in own} <= on_page


def test_neither_questions_nor_their_keys_are_in_it() -> None:
    everything = " ".join(passage.text for passage in ALL)
    questions = [question for lesson in course().lessons for question in lesson.questions]

    assert leaks(everything, [option for question in questions for option in question.options]) == []
    assert [question.id for question in questions if words(question.prompt) in words(everything)] == []


def test_code_is_not_in_it_and_list_items_are() -> None:
    texts = [passage.text for passage in ALL]

    assert [text for text in texts if "def check_out" in text or '{"sandbox"' in text] == []
    assert any(text.startswith("The producer makes it.") for text in texts)


def test_the_reference_pages_are_in_it() -> None:
    pages = {passage.address.partition("#")[0] for passage in ALL} - {lesson.address for lesson in course().lessons}

    assert pages == {"/cheat-sheet", "/monday", "/about", "/decide"}
