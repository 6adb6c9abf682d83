"""Calibration: how sure a reader was, held against how often she was right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lessons import axis
from lessons.axis import Axis
from lessons.figures import Bar, Bars
from workers.answers import Answer

CONFIDENCES = ("guess", "fairly sure", "certain")
FEWEST = 3


@dataclass(frozen=True)
class Sureness:
    """One confidence: how many first answers were given with it, and how many of them were right."""

    confidence: str
    right: int
    of: int

    @property
    def percent(self) -> int | None:
        """None when there are too few to say anything."""
        return round(100 * self.right / self.of) if self.of >= FEWEST else None


class Shares(Bars):
    """Bars in per cent, on an axis that always ends at 100."""

    @cached_property
    def axis(self) -> Axis:
        return axis.fit(0, 100)


@dataclass(frozen=True)
class Calibration:
    rows: tuple[Sureness, ...]

    @property
    def sentence(self) -> str | None:
        """What the figure says of the surest answers of which there are enough."""
        if not (told := [row for row in reversed(self.rows) if row.percent is not None]):
            return None
        when = told[0].confidence.replace("guess", "guessing")
        return f"When you were {when}, you were right {told[0].right} of {told[0].of} times."

    @property
    def thin(self) -> tuple[Sureness, ...]:
        """Confidences of which there are some answers, but too few."""
        return tuple(row for row in self.rows if row.of and row.percent is None)

    @property
    def figure(self) -> Shares | None:
        """The bars; None while there is nothing to draw."""
        if self.sentence is None:
            return None
        told = [(f"{row.confidence}: {row.right} of {row.of}", row.percent) for row in self.rows]
        return Shares(
            id="calibration",
            kind="bars",
            title="How sure you were, and how often you were right",
            unit="% of your first answers that were right",
            words=self.sentence,
            source=f"Your first answer to each question, where you said how sure you were; from {FEWEST} answers on.",
            rows=tuple(Bar(label=label, value=percent) for label, percent in told if percent is not None),
        )


def of_answers(answers: Sequence[Answer]) -> Calibration:
    """From every attempt, oldest first; only the first one at each question counts, with what was said of it."""
    first: dict[tuple[str, str], Answer] = {}
    for answer in answers:
        first.setdefault((answer.lesson, answer.question), answer)
    told = {sure: [each.correct for each in first.values() if each.confidence == sure] for sure in CONFIDENCES}
    return Calibration(tuple(Sureness(sure, sum(right), len(right)) for sure, right in told.items()))
