"""Words as they are compared, and the part of a text that is shown with them."""

from __future__ import annotations

import pytest

from lessons.excerpts import EXCERPT, excerpt, fold, words_of

LONG = "A knife cuts. " + "It cuts and cuts. " * 40 + "Then it rests."


def shown(text: str, *wanted: str) -> str:
    return "".join(f"[{piece.text}]" if piece.marked else piece.text for piece in excerpt(text, wanted))


def test_a_words_case_accents_and_hyphens_do_not_count() -> None:
    assert fold("Café") == "cafe"
    assert words_of("E-Mail, e-mail & CAFE\u0301; x_y") == ["email", "cafe", "x", "y"]


@pytest.mark.parametrize("text", ["", "short", "x" * 1000, LONG])
def test_without_a_hit_the_beginning_is_shown(text: str) -> None:
    assert shown(text, "nowhere").startswith(text[:50])
    assert len(shown(text, "nowhere")) <= EXCERPT + 2


def test_a_text_is_cut_around_its_first_hit() -> None:
    assert shown(LONG, "rests").startswith("… ")
    assert shown(LONG, "rests").endswith("Then it [rests].")
    assert shown(LONG, "knife").startswith("A [knife] cuts. ")
    assert shown(LONG, "knife").endswith(" …")
