"""Words as a search compares them, and the part of a text that holds those that were asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
SHORTEST_BEGINNING = 2
BEFORE, EXCERPT = 60, 220


@dataclass(frozen=True)
class Piece:
    """A part of an excerpt, and whether it is one of the words that were asked for."""

    text: str
    marked: bool


def fold(text: str) -> str:
    """Without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def excerpt(text: str, wanted: Sequence[str]) -> Iterator[Piece]:
    """The text around its first hit, with the hits apart from what stands between them."""
    hits = [found.span() for found in WORD.finditer(text) if _is_hit(found[0], wanted)]
    start = _start(text, hits[0][0] if hits else 0)
    end = len(text) if len(text) <= start + EXCERPT else max(text.rfind(" ", start, start + EXCERPT), start + BEFORE)
    at = start
    if start:
        yield Piece("… ", False)
    for left, right in (hit for hit in hits if hit[1] <= end):
        yield Piece(text[at:left], False)
        yield Piece(text[left:right], True)
        at = right
    yield Piece(text[at:end] + (" …" if end < len(text) else ""), False)


def forms(word: str) -> set[str]:
    """A word with a hyphen can be asked for with it, without it, and by its parts."""
    parts = [fold(part) for part in word.split("-")]
    return {"".join(parts), *parts}


def words_of(asked: str) -> list[str]:
    """The words that were asked for, each once; a hyphen may stand or be missing."""
    composed = unicodedata.normalize("NFC", asked)
    return list(dict.fromkeys(fold(found[0].replace("-", "")) for found in WORD.finditer(composed)))


def _is_hit(word: str, wanted: Iterable[str]) -> bool:
    known = forms(word)
    return any(each in known or _begins(each, known) for each in wanted)


def _begins(wanted: str, known: Iterable[str]) -> bool:
    return len(wanted) >= SHORTEST_BEGINNING and any(form.startswith(wanted) for form in known)


def _start(text: str, hit: int) -> int:
    """The beginning of a word, some way before the hit."""
    return text.find(" ", hit - BEFORE) + 1 if hit > BEFORE else 0
