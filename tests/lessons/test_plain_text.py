"""What is kept of a text: everything that says something, and nothing that hides, turns or towers."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lessons.plain_text import MARKS_AT_MOST, clean

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
HIDING = "\u200b\ufeff\u2060\u00ad\u180e\u2800\u3164\U000e0041"
# What people really write may not be harmed.
KEPT = [
    "Plain words, “quotes”, a dash – and £ 5.",
    "two\nlines\n\nand a paragraph\n\n\nand more",
    "\tindented\n  twice",
    "<b>not bold</b> & {{ nothing }}",
    "Grüße, naïve façade, Việt Nam",
    "שלום עולם",
    "السَّلامُ عَلَيْكُمْ",
    "می‌خواهم",  # Persian needs its zero-width non-joiner
    "नमस्ते दुनिया, क्षत्रिय",
    "👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈 1️⃣",
    "日本語とかな",
]


@pytest.mark.parametrize("text", KEPT)
def test_what_people_really_write_is_kept_as_it_is(text: str) -> None:
    assert clean(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\r\nb\rc\u2028d\u2029e", "a\nb\nc\nd\ne"),
        ("a\x00b\x07c\x1b[31md\x7fe\x85f", "abc[31mdef"),
        (f"a{TURNING}b", "ab"),
        (f"a{HIDING}b", "ab"),
        ("e\u200b\u0301", "\u00e9"),
        ("a\n\n\n\n\n\nb", "a\n\n\nb"),
        ("a\n \n\t\n  \n \nb", "a\n\n\nb"),
        ("\n \n  around \n", "  around"),
        ("x" + "\u0489" * 50 + "y", "x" + "\u0489" * 4 + "y"),
        ("x" + "\u0316\u200d" * 50 + "y", "x" + "\u0316\u200d" * 2 + "y"),
        ("a\ud800b", "ab"),
    ],
)
def test_what_hides_turns_or_towers_is_taken_out(text: str, kept: str) -> None:
    assert clean(text) == kept


@pytest.mark.parametrize("text", ["", " \n\t ", TURNING, HIDING, "\u00a0\u3000\u2003", "\u200d\u200c", "\u0301\u0301"])
def test_what_nobody_can_see_is_nothing(text: str) -> None:
    assert clean(text) == ""


@given(
    st.text(st.characters() | st.sampled_from("\r\n\t \u200b\u202e\u200d\u0301\u0489\ufe0f\u1100\u1161e"), max_size=60)
)
@example("\u0301" * 9)
@example("e\u0316\u200d\u0301\u0301")
def test_any_text_is_tamed_and_taming_it_again_changes_nothing(text: str) -> None:
    kept = clean(text)

    assert clean(kept) == kept
    assert not set(kept) & set(TURNING + HIDING)
    assert all(letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs") for letter in kept)
    assert "\n\n\n\n" not in kept
    assert highest_tower(kept) <= MARKS_AT_MOST
    assert unicodedata.is_normalized("NFC", kept)
    kept.encode()


def highest_tower(text: str) -> int:
    """The longest run of combining marks."""
    highest = run = 0
    for letter in text:
        run = run + 1 if unicodedata.category(letter) in ("Mn", "Me") else 0
        highest = max(highest, run)
    return highest
