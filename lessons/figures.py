"""The figures of a lesson, drawn to scale from data: bars, curves and timelines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from string import ascii_letters
from typing import Annotated, Literal

from pydantic import Field, model_validator

from lessons import axis
from lessons.axis import Axis, number_text
from lessons.faults import Fault
from lessons.toml_files import Id, Schema, Text, TomlFile

Tone = Literal["customer", "worker", "waiting", "lost", "neutral"]
MEANINGS = {
    "customer": "a customer waits",
    "worker": "a worker works",
    "waiting": "waiting",
    "lost": "goes wrong",
}
SHORT_UNIT = 8
Table = tuple[Sequence[str], Sequence[Sequence[str]]]


class Drawing(Schema):
    """What all figures have; `words` says what is to be seen, `source` where the numbers come from."""

    id: Id
    title: Text
    unit: str = ""
    words: Text
    source: Text

    def with_unit(self, value: float, decimals: int | None = None) -> str:
        """A value as it stands beside its mark; a long unit stands at the axis only."""
        unit = "%" if self.unit.startswith("%") else self.unit if len(self.unit) <= SHORT_UNIT else ""
        return f"{number_text(value, decimals)}\u00a0{unit}".rstrip()


class Bar(Schema):
    label: Text
    value: Annotated[float, Field(ge=0)]
    tone: Tone = "neutral"


class Bars(Drawing):
    """Horizontal bars on one scale that begins at zero."""

    kind: Literal["bars"]
    rows: Annotated[tuple[Bar, ...], Field(min_length=1)]

    @cached_property
    def axis(self) -> Axis:
        return axis.fit(0, max(bar.value for bar in self.rows))

    def value_text(self, bar: Bar) -> str:
        return self.with_unit(bar.value, axis.decimals_of(each.value for each in self.rows))

    @property
    def key(self) -> dict[str, str]:
        return _key({bar.tone for bar in self.rows})

    @property
    def table(self) -> Table:
        return ("", self.unit or "value"), [(bar.label, self.value_text(bar)) for bar in self.rows]


class Series(Schema):
    label: Text
    points: Annotated[tuple[tuple[float, float], ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _goes_right(self) -> Series:
        if any(later[0] <= earlier[0] for earlier, later in pairwise(self.points)):
            raise ValueError("has points that do not go from left to right")
        return self


class Curve(Drawing):
    """Points joined by lines; the vertical axis begins at zero."""

    kind: Literal["curve"]
    x: Text
    y: Text
    series: Annotated[tuple[Series, ...], Field(min_length=1, max_length=4)]

    @cached_property
    def axis(self) -> Axis:
        across = [point[0] for series in self.series for point in series.points]
        return axis.fit(min(across), max(across))

    @cached_property
    def height(self) -> Axis:
        up = [point[1] for series in self.series for point in series.points]
        return axis.fit(min(0, *up), max(up))

    def at(self, point: tuple[float, float]) -> tuple[float, float]:
        """Where a point lies, in per cent from the left and from the top."""
        return self.axis.share(point[0]), round(100 - self.height.share(point[1]), 2)

    def path(self, series: Series) -> str:
        return " ".join(f"{x},{y}" for x, y in map(self.at, series.points))

    @property
    def key(self) -> dict[str, str]:
        return {}

    @property
    def table(self) -> Table:
        rows = [(s.label, number_text(x), self.with_unit(y)) for s in self.series for x, y in s.points]
        return ("", self.x, self.y), rows


class Span(Schema):
    """Something that lasts; `fits` says on which widths of the page its text has room inside of it."""

    start: float = Field(alias="from")
    end: float = Field(alias="to")
    text: Text
    tone: Tone = "neutral"

    @model_validator(mode="after")
    def _lasts(self) -> Span:
        if self.end <= self.start:
            raise ValueError("ends before it begins")
        return self


class Row(Schema):
    label: Text
    spans: Annotated[tuple[Span, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_at_a_time(self) -> Row:
        if any(later.start < earlier.end for earlier, later in pairwise(self.spans)):
            raise ValueError("has spans that overlap or are not in order")
        return self


@dataclass(frozen=True)
class Note:
    """What stands inside of a span in place of its text, and on which pages: "wide" means on all but those."""

    letter: str
    room: str


class Timeline(Drawing):
    """Rows of spans on one axis of time that begins at zero."""

    kind: Literal["timeline"]
    rows: Annotated[tuple[Row, ...], Field(min_length=1)]

    @cached_property
    def axis(self) -> Axis:
        spans = [span for row in self.rows for span in row.spans]
        return axis.fit(min(0, *(span.start for span in spans)), max(span.end for span in spans))

    def room(self, span: Span) -> str:
        """Where the text has room inside of its span: "always", on "wide" pages, or "never"."""
        needed, share = len(span.text) * 7.0 + 8, self.axis.length(span.start, span.end) / 100
        if len(span.text) <= 2 or share * NARROW_TRACK >= needed:
            return "always"
        return "wide" if share * WIDE_TRACK >= needed else "never"

    @cached_property
    def notes(self) -> dict[str, Note]:
        """A letter for each text that has no room inside of its span, everywhere or on narrow pages."""
        rooms: dict[str, str] = {}
        for span in (span for row in self.rows for span in row.spans):
            if (room := self.room(span)) != "always" and rooms.get(span.text) != "never":
                rooms[span.text] = room
        return {text: Note(letter, rooms[text]) for text, letter in zip(rooms, ascii_letters, strict=False)}

    @property
    def key(self) -> dict[str, str]:
        return _key({span.tone for row in self.rows for span in row.spans})

    @property
    def table(self) -> Table:
        rows = [(r.label, s.text, self.with_unit(s.start), self.with_unit(s.end)) for r in self.rows for s in r.spans]
        return ("", "what", "from", "to"), rows


# The pixels of a timeline's track on pages of 320 px and of 44 rem.
NARROW_TRACK, WIDE_TRACK = 250, 450

Figure = Annotated[Bars | Curve | Timeline, Field(discriminator="kind")]


class Figures(Schema):
    figures: tuple[Figure, ...] = ()

    def figure(self, figure_id: str | None) -> Figure | None:
        return next((figure for figure in self.figures if figure.id == figure_id), None)


def faults_of(file: TomlFile[Figures]) -> Iterator[Fault]:
    """What the schema alone cannot see."""
    ids = [figure.id for figure in file.content.figures]
    if not ids:
        yield file.fault((), "has no figure", "Draw at least one from the lesson's numbers.")
    for number, figure_id in enumerate(ids):
        if figure_id in ids[:number]:
            where = ("figures", number, "id")
            yield file.fault(where, f"names a second figure “{figure_id}”", "Give each its own id.")


def _key(tones: set[str]) -> dict[str, str]:
    """The meanings of the colours, where more than one thing is going on."""
    told = {tone: meaning for tone, meaning in MEANINGS.items() if tone in tones}
    return told if len(told.keys() - {"lost"}) > 1 else {}
