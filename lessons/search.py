"""Search over the lessons and the reference pages; what a quick check knows is not in it."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log

from lessons.excerpts import SHORTEST_BEGINNING, WORD, Piece, excerpt, forms, words_of
from lessons.passages import Passage, of_everything

MOST_RESULTS = 20
# What a word is worth by its place; its beginning alone is worth half.
IN_TITLE, IN_HEADING, IN_TEXT = 3.0, 2.0, 1.0
# A page's title speaks for its first passage, and hardly for each of the others.
IN_TITLE_ABOVE = 0.2
BEGINNING = 0.5
# Passages that are worth less than this part of the best one are noise.
WORTH_SHOWING = 0.15


@dataclass(frozen=True)
class Result:
    passage: Passage
    pieces: tuple[Piece, ...]

    @property
    def excerpt(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class Index:
    """Every word that occurs: in which passages, and what it is worth there."""

    passages: Sequence[Passage]
    worth: Mapping[str, Mapping[int, float]]
    vocabulary: Sequence[str]  # sorted

    def look_up(self, wanted: str) -> dict[int, float]:
        """The passages with a word, or with one that begins with it, and how well each answers."""
        found = dict(self.worth.get(wanted, {}))
        for word in self._beginning_with(wanted):
            for number, worth in self.worth[word].items():
                found[number] = max(found.get(number, 0), worth * BEGINNING)
        rarity = log((1 + len(self.passages)) / (1 + len(found))) + 0.01
        return {number: worth * rarity for number, worth in found.items()}

    def _beginning_with(self, wanted: str) -> Iterator[str]:
        place = bisect_left(self.vocabulary, wanted) if len(wanted) >= SHORTEST_BEGINNING else len(self.vocabulary)
        while place < len(self.vocabulary) and self.vocabulary[place].startswith(wanted):
            yield self.vocabulary[place]
            place += 1


@cache
def index() -> Index:
    """The index of everything, made once a process."""
    return build(of_everything())


def build(passages: Iterable[Passage]) -> Index:
    kept = tuple(passages)
    worth: dict[str, dict[int, float]] = {}
    for number, passage in enumerate(kept):
        of_title = IN_TITLE_ABOVE if passage.heading else IN_TITLE
        places = ((of_title, passage.title), (IN_HEADING, passage.heading), (IN_TEXT, passage.text))
        for weight, text in places:
            for form in {each for found in WORD.finditer(text) for each in forms(found[0])}:
                of_form = worth.setdefault(form, {})
                of_form[number] = of_form.get(number, 0) + weight
    return Index(kept, worth, sorted(worth))


def find(asked: str, known: Index | None = None) -> list[Result]:
    """The passages that answer best, best first, and one for each address."""
    known = known or index()
    wanted = words_of(asked)
    score: Counter[int] = Counter()
    met: Counter[int] = Counter()
    for word in wanted:
        found = known.look_up(word)
        score.update(found)
        met.update(found.keys())
    # Two of the words together say more than one of them twice.
    ranked = sorted(((score[n] * (met[n] / len(wanted)) ** 2, n) for n in score), key=lambda pair: (-pair[0], pair[1]))
    best: dict[str, Passage] = {}
    for worth, number in ranked:
        if worth >= ranked[0][0] * WORTH_SHOWING:
            best.setdefault(known.passages[number].address, known.passages[number])
    return [Result(passage, tuple(excerpt(passage.text, wanted))) for passage in [*best.values()][:MOST_RESULTS]]
