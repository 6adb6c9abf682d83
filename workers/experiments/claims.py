"""Claims: what a scenario says is to be seen, as comparisons of measures, each true, false or not to be told.

`email = 0 and orders = 1` · `done_per_s@after <= 1.2 * done_per_s@before` · `emails >= 2 and MessageRedelivered = 0`
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_NAME = r"[A-Za-z][A-Za-z0-9_]*(?:@[a-z][a-z0-9_]*)?"
_NUMBER = r"\d+(?:\.\d+)?"
_SIDE = rf"(?:({_NUMBER})(?: \* ({_NAME}))?|({_NAME}))"
_COMPARISON = re.compile(rf"{_SIDE} (=|!=|<=|>=|<|>) {_SIDE}")
_QUOTED = re.compile(r"\{([^{}|]*)(?:\|([^{}|]*)\|([^{}|]*))?\}")  # {email}, or {email|e-mail|e-mails}
_QUOTABLE = re.compile(_NAME)
Measured = Callable[[str], float | None]  # a measure's name, with the mark that begins its stretch after an @


@dataclass(frozen=True)
class Side:
    """A number, a measure, or so many times a measure."""

    factor: float
    measure: str | None

    def value(self, measured: Measured) -> float | None:
        if self.measure is None:
            return self.factor
        found = measured(self.measure)
        return None if found is None else self.factor * found


@dataclass(frozen=True)
class Comparison:
    left: Side
    sign: str
    right: Side

    def holds(self, measured: Measured) -> bool | None:
        """None when something that it compares is not to be told."""
        left, right = self.left.value(measured), self.right.value(measured)
        return None if left is None or right is None else OPERATORS[self.sign](left, right)


@dataclass(frozen=True)
class Claim:
    """All of its comparisons are to hold."""

    comparisons: tuple[Comparison, ...]

    def holds(self, measured: Measured) -> bool | None:
        """False if one of them is false, whatever the others are; None if one of the rest is not to be told."""
        found = [comparison.holds(measured) for comparison in self.comparisons]
        return False if False in found else None if None in found else True

    @property
    def measures(self) -> tuple[str, ...]:
        """The names that it compares, with their marks, in order and each once."""
        sides = [side for comparison in self.comparisons for side in (comparison.left, comparison.right)]
        return tuple(dict.fromkeys(side.measure for side in sides if side.measure))


@lru_cache(maxsize=1024)
def parse(text: str) -> Claim:
    """Raises ValueError that says which part is no comparison."""
    return Claim(tuple(_comparison(part.strip()) for part in text.split(" and ")))


def quoted(text: str) -> tuple[str, ...]:
    """The measures that a sentence quotes in braces. Raises ValueError for braces with something else in them."""
    names = tuple(dict.fromkeys(name for name, _, _ in _QUOTED.findall(text)))
    for name in names:
        if not _QUOTABLE.fullmatch(name):
            raise ValueError(f"“{{{name}}}” quotes no measure")
    return names


def quote(text: str, measured: Measured) -> str:
    """The sentence with its figures, as people write them; “?” for one that is not to be told.

    A measure may bring the word for one and the word for several: `{email|e-mail|e-mails}`.
    """
    return _QUOTED.sub(lambda found: _in_words(measured(found[1]), found[2], found[3]), text)


def _in_words(value: float | None, one: str | None, several: str | None) -> str:
    word = one if value == 1 else several
    return f"{as_written(value)} {word}" if word else as_written(value)


def as_written(value: float | None) -> str:
    """1,500 · 12.8 · 0.21 · 3: as many digits as say something."""
    if value is None:
        return "?"
    if float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def _comparison(text: str) -> Comparison:
    found = _COMPARISON.fullmatch(text)
    if not found:
        signs = " ".join(OPERATORS)
        raise ValueError(f"“{text}” is no comparison: write a measure, one of {signs}, and a number or a measure")
    return Comparison(_side(found[1], found[2], found[3]), found[4], _side(found[5], found[6], found[7]))


def _side(number: str | None, factored: str | None, alone: str | None) -> Side:
    return Side(float(number), factored) if number is not None else Side(1.0, alone)
