"""The files of the lessons are checked, and each complaint names file, line, key and remedy."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from lessons import course
from lessons.markdown import inline, parse
from tests.lessons.small_course import FILES, LESSON, SmallCourse
from workers.errors import UnknownLesson

HERE = "lessons/01-first"
ONCE = "Put it into the text exactly once."
COOK = FILES["quiz.toml"][FILES["quiz.toml"].index('  [[questions.options]]\n  id = "cook"') :]
SENTENCE = "The soup is hot and the guest is not. "
SPOILT = tomllib.loads((Path(__file__).parent / "complaints.toml").read_text())["spoilt"]


@pytest.fixture
def small(tmp_path: Path) -> SmallCourse:
    """A course of one good lesson."""
    made = SmallCourse(tmp_path / "lessons")
    made.add()
    return made


def test_a_good_lesson_is_read_without_complaint(small: SmallCourse) -> None:
    found = small.read()

    [lesson] = found.lessons
    assert found.faults == ()
    assert (lesson.number, lesson.slug, lesson.front.title) == (1, "first", "A first lesson")
    kinds = [block.kind for block in lesson.blocks]
    assert kinds == ["prose", "figure", "prose", "check", "prose", "source", "lab"]
    assert '<h2 id="the-wheel">' in lesson.blocks[2].content
    assert "def check_out_later" in lesson.blocks[5].content.html.striptags()


@pytest.mark.parametrize("example", SPOILT, ids=[example["complaint"][17:90] for example in SPOILT])
def test_a_spoilt_file_is_named_with_line_key_and_remedy(small: SmallCourse, example: dict[str, str]) -> None:
    small.spoil(example["file"], example["old"], example["new"])

    assert example["complaint"] in small.complaints()


@pytest.mark.parametrize(("more", "words"), [(-10, 478), (60, 1108)])
def test_a_text_is_neither_short_nor_long(small: SmallCourse, more: int, words: int) -> None:
    small.spoil("lesson.md", SENTENCE * 60, SENTENCE * (60 + more))

    remedy = "Write 500 to 900, not counting code blocks and directives."
    assert small.complaints() == [f"{HERE}/lesson.md: the text has {words} words. {remedy}"]


@pytest.mark.parametrize("more", [[], [COOK, COOK.replace("cook", "boy"), COOK.replace("cook", "cat")]])
def test_a_question_has_three_or_four_options(small: SmallCourse, more: list[str]) -> None:
    small.spoil("quiz.toml", COOK, "".join(more))

    assert small.complaints() == [f"{HERE}/quiz.toml:1: questions.1 has {2 + len(more)} options. Give it 3 or 4."]


@pytest.mark.parametrize("nonsense", ["[a]: /b", "{{ lab }}", "- a\n\nb", "1. a\n2. b", "# a", "- {{ lab }}"])
def test_hints_that_are_no_list_are_named(small: SmallCourse, nonsense: str) -> None:
    small.spoil("hints.md", FILES["hints.md"], nonsense)

    [complaint] = small.complaints()
    assert complaint.startswith(f"{HERE}/hints.md:1: the hints are not one list of 2 to 4.")


@pytest.mark.parametrize("nonsense", ["", "questions = []", "questions = 1", "[[questions]]", "[questions]", "="])
def test_a_quiz_without_sense_is_a_fault_and_no_crash(small: SmallCourse, nonsense: str) -> None:
    small.spoil("quiz.toml", FILES["quiz.toml"], nonsense)

    assert small.complaints()


def test_a_question_without_options_is_a_fault_and_no_crash(small: SmallCourse) -> None:
    small.spoil("quiz.toml", FILES["quiz.toml"].partition("  [[")[2], "")
    small.spoil("quiz.toml", "  [[", "options = []")

    assert f"{HERE}/quiz.toml:1: questions.1 has no right option. Write `right = true` at the one that holds." in (
        small.complaints()
    )


def test_an_empty_file_is_named(small: SmallCourse) -> None:
    small.spoil("hints.md", FILES["hints.md"], "")

    assert small.complaints() == [f"{HERE}/hints.md: the file is empty. See what another lesson has there."]


def test_a_missing_file_and_a_strange_one_are_named(small: SmallCourse) -> None:
    (small.root / "01-first" / "lab.toml").rename(small.root / "01-first" / "lap.toml")

    missing, strange = small.complaints()

    assert missing.startswith(f"{HERE}/lab.toml: the file cannot be read. ")
    assert strange == f"{HERE}/lap.toml: the file is read by nobody. A lesson is {', '.join(FILES_IN_ORDER)}, {MORE}."


def test_a_lesson_has_as_many_labs_as_it_has_files_and_markers_for(small: SmallCourse) -> None:
    add_lab(small, "spoon")
    found = small.read()

    assert found.faults == ()
    first, spoon = found.lessons[0].labs
    assert (first.id, first.element, first.address) == ("first", "lesson-lab", "/lessons/first#lesson-lab")
    assert (spoon.id, spoon.element) == ("first-spoon", "lesson-lab-spoon")
    assert found.lab("first-spoon") is spoon
    assert found.lessons[0].blocks[-1].content is spoon


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('{{ lab("spoon") }}', "", 'lesson.md: {{ lab("spoon") }} is not placed. ' + ONCE),
        ("{{ lab }}", '{{ lab("spoon") }}', 'lesson.md:33: {{ lab("spoon") }} is placed 2 times. ' + ONCE),
        (
            'lab("spoon")',
            'lab("fork")',
            'lesson.md:33: {{ lab("fork") }} names no lab of this lesson. '
            'Add lab-fork.toml, or write {{ lab }} or {{ lab("spoon") }}.',
        ),
    ],
)
def test_a_lab_without_a_marker_and_a_marker_without_a_lab_are_named(
    small: SmallCourse, old: str, new: str, complaint: str
) -> None:
    add_lab(small, "spoon")
    small.spoil("lesson.md", old, new)

    assert f"{HERE}/{complaint}" in small.complaints()


def test_a_further_lab_that_cannot_be_read_is_a_fault_of_its_file_alone(small: SmallCourse) -> None:
    add_lab(small, "spoon")
    small.spoil("lab-spoon.toml", 'kind = "race"', 'kind = "maze"')

    [complaint] = small.complaints()
    assert complaint.startswith(f"{HERE}/lab-spoon.toml:2: kind Input should be ")


def test_two_labs_have_neither_one_id_nor_a_long_one(small: SmallCourse) -> None:
    small.add("02-first-spoon")
    for name in ("spoon", "s" * 40):
        add_lab(small, name)

    same, long = sorted(small.complaints())
    assert same == f"{HERE}/lab-spoon.toml: first-spoon is the id of another lab, too. Name the file differently."
    assert "is longer than 40 characters" in long


def add_lab(small: SmallCourse, name: str) -> None:
    """One more lab, at the end of the text."""
    folder = small.root / "01-first"
    (folder / f"lab-{name}.toml").write_text(FILES["lab.toml"])
    with (folder / "lesson.md").open("a") as text:
        text.write(f'\n{{{{ lab("{name}") }}}}\n')


MORE = "and lab-<name>.toml for each further lab"
FILES_IN_ORDER = ("lesson.md", "figures.toml", "quiz.toml", "lab.toml", "hints.md")


def test_a_course_without_lessons_is_a_fault(tmp_path: Path) -> None:
    [complaint] = SmallCourse(tmp_path).complaints()

    assert "the course has no lesson" in complaint


@pytest.mark.parametrize("folder", ["01-again", "02-first"])
def test_two_lessons_share_neither_number_nor_slug(small: SmallCourse, folder: str) -> None:
    small.add(folder)

    [complaint] = small.complaints()

    assert "the folder has the number or the slug of another" in complaint


def test_a_folder_needs_a_lessons_name(small: SmallCourse) -> None:
    small.add("2-second")

    assert "lessons/2-second: the folder has no lesson's name. Name it by two digits and a slug: 05-idempotency." in (
        small.complaints()
    )


def test_lessons_are_in_order_and_know_their_neighbours(small: SmallCourse) -> None:
    small.add("03-third")
    small.add("02-second")
    found = small.read()
    first, second, third = found.lessons

    assert found.faults == ()
    assert (found.before(first), found.before(second)) == (None, first)
    assert (found.after(second), found.after(third)) == (third, None)


def test_a_lesson_that_can_be_shown_is_shown_whatever_is_wrong_with_its_words(small: SmallCourse) -> None:
    small.spoil("lesson.md", "A waiter clips", "A waiter! clips")

    assert [lesson.slug for lesson in small.read().lessons] == ["first"]


def test_an_unknown_lesson_is_answered_with_the_likeliest_one(small: SmallCourse) -> None:
    with pytest.raises(UnknownLesson, match="Did you mean /lessons/first"):
        small.read().lesson("frist")


def test_a_directive_in_a_list_or_in_code_is_none() -> None:
    document = parse("- {{ lab }}\n\n```\n{{ lab }}\n```\n\n    {{ lab }}\n")

    assert [type(block).__name__ for block in document.blocks] == ["Prose"]


def test_what_a_lesson_says_cannot_become_markup() -> None:
    assert inline("<script>go()</script> `<b>`") == "&lt;script&gt;go()&lt;/script&gt; <code>&lt;b&gt;</code>"
    assert "<script>" not in str(parse(LESSON.replace("Who waits", "<script>go()</script>")).blocks[0])
    assert "href" not in inline("[go](javascript:go)")


def test_our_own_lessons_are_fine() -> None:
    assert [str(fault) for fault in course.read(course.ROOT).faults] == []
