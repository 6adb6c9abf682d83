"""What is kept of a text that a reader wrote: plain text, with nothing in it that hides, turns or towers."""

from __future__ import annotations

import re
import unicodedata

from pydantic import AfterValidator

MARKS_AT_MOST = 4

# Soft hyphens, marks and overrides of direction, joiners without width, fillers and tags: they only hide something.
_UNSEEN = re.compile(
    "[\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)


def at_most(most: int, at_least: int = 0) -> AfterValidator:
    """For a form's field: the text is cleaned before it is measured."""

    def check(text: str) -> str:
        text = clean(text)
        if len(text) < at_least:
            raise ValueError("is blank")
        if len(text) > most:
            raise ValueError(f"has {len(text):,} characters; at most {most:,} are kept")
        return text

    return AfterValidator(check)


def clean(text: str) -> str:
    """What is kept of a text: no control characters, nothing that turns or hides its neighbours, no towers of marks."""
    text = re.sub("\r\n?|[\u2028\u2029]", "\n", text)
    text = "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs"))
    text = _lower_towers(unicodedata.normalize("NFC", _UNSEEN.sub("", text)))
    text = re.sub(r"[^\S\n]+(?=\n)", "", text)
    return re.sub(r"\n{4,}", "\n\n\n", text).lstrip("\n").rstrip() if _says_something(text) else ""


def _lower_towers(text: str) -> str:
    """At most four combining marks on a letter; the joiners of emoji and scripts count as one of them."""
    kept, height = [], 0
    for letter in text:
        height = height + 1 if unicodedata.combining(letter) or _joins(letter) else 0
        if height <= MARKS_AT_MOST:
            kept.append(letter)
    return "".join(kept)


def _joins(letter: str) -> bool:
    return letter in "\u200c\u200d" or unicodedata.category(letter) in ("Mn", "Me")


def _says_something(text: str) -> bool:
    return any(unicodedata.category(letter)[0] in "LNPS" for letter in text)
