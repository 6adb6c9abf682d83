"""Search: what is found, in which order, and how it is shown."""

from __future__ import annotations

import pytest

from lessons import excerpts, search
from lessons.passages import Passage

SMALL = search.build(
    [
        Passage("Soup", "", "/soup", "You can cook a soup."),
        Passage("Soup", "The spoon", "/soup#spoon", "A spoon, an e-mail about it, and the café’s time-out."),
        Passage("Soup", "The bowl", "/soup#bowl", "It holds the soup, and nothing of the spoonful is lost."),
        Passage("Bread", "", "/bread", "Bread goes with soup; <b>bold</b> crusts go with a knife."),
        Passage("Bread", "The knife", "/bread#knife", "A knife cuts. " + "It cuts and cuts. " * 40 + "Then it rests."),
    ]
)


def found(asked: str) -> list[str]:
    return [result.passage.address for result in search.find(asked, SMALL)]


def marked(asked: str) -> str:
    [first, *_] = search.find(asked, SMALL)
    return "".join(f"[{piece.text}]" if piece.marked else piece.text for piece in first.pieces)


def test_a_title_counts_more_than_a_heading_and_a_heading_more_than_the_text() -> None:
    assert found("soup")[:2] == ["/soup", "/soup#bowl"]
    assert found("knife") == ["/bread#knife", "/bread"]


def test_a_whole_word_comes_before_the_beginning_of_one() -> None:
    assert found("spoon") == ["/soup#spoon", "/soup#bowl"]
    assert found("spoonf") == ["/soup#bowl"]


def test_the_middle_of_a_word_finds_nothing() -> None:
    assert found("poon") == []


def test_two_words_together_come_first() -> None:
    assert found("soup knife")[0] == "/bread"


@pytest.mark.parametrize("asked", ["CAFÉ", "cafe", "cafe\u0301", "Cafés"[:4]])
def test_case_and_accents_make_no_difference(asked: str) -> None:
    assert found(asked) == ["/soup#spoon"]


@pytest.mark.parametrize("asked", ["e-mail", "email", "E-Mail", "time out", "timeout", "time-out"])
def test_a_hyphen_may_stand_or_be_missing(asked: str) -> None:
    assert found(asked) == ["/soup#spoon"]


@pytest.mark.parametrize("asked", ["", " ", "?", "xyzzy", "[", ".*", "(z+)+$", "\\", "%", "\x00", "🥣", "_", "-" * 100])
def test_nothing_is_found_for_what_is_no_word(asked: str) -> None:
    assert found(asked) == []


def test_the_words_are_marked_and_nothing_else() -> None:
    assert marked("spoon") == "A [spoon], an e-mail about it, and the café’s time-out."
    assert marked("e-mail") == "A spoon, an [e-mail] about it, and the café’s time-out."
    assert marked("bold knife") == "Bread goes with soup; <b>[bold]</b> crusts go with a [knife]."


def test_a_long_text_is_cut_between_words_around_the_first_hit() -> None:
    [result] = search.find("rests", SMALL)

    assert result.excerpt.startswith("… ")
    assert result.excerpt.endswith("Then it rests.")
    [result] = search.find("cuts", SMALL)
    assert result.excerpt.endswith("cuts …")
    assert len(result.excerpt) <= excerpts.EXCERPT + 4


def test_one_place_is_named_once() -> None:
    twice = search.build([Passage("Tea", "", "/tea", "Tea."), Passage("Tea", "", "/tea", "More tea.")])

    assert len(search.find("tea", twice)) == 1


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("idempotency", "/lessons/idempotency"),
        ("jitter", "/lessons/retries"),
        ("little's law", "/lessons/connections"),
        ("stampede", "/lessons/warm-cache"),
        ("dead-letter queue", "/lessons/retries"),
        ("monday", "/monday"),
    ],
)
def test_the_course_answers_what_a_reader_would_ask(asked: str, first: str) -> None:
    results = search.find(asked)

    assert results[0].passage.address.partition("#")[0] == first
    assert len(results) <= search.MOST_RESULTS


def test_the_index_is_made_once() -> None:
    assert search.index() is search.index()
