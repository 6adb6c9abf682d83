"""Figures are drawn to scale, from data, without anything that the pages' policy would block."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import ValidationError

from lessons import axis, course
from lessons.code import ROOT
from lessons.figures import Bars, Curve, Figures, Timeline
from lessons.markdown import inline

BARS = {
    "id": "soup",
    "kind": "bars",
    "title": "How long it takes",
    "unit": "s",
    "words": "Cooking takes 3 s.",
    "source": "The story.",
    "rows": [{"label": "cook <b>", "value": 3.0, "tone": "worker"}, {"label": "carry", "value": 0.75}],
}
CURVE = {
    **BARS,
    "kind": "curve",
    "rows": None,
    "unit": "jobs",
    "x": "utilisation",
    "y": "waiting",
    "series": [{"label": "one", "points": [[0.5, 2], [0.9, 10]]}, {"label": "two", "points": [[0.5, 1.33], [0.9, 5]]}],
}
TIMELINE = {
    **BARS,
    "kind": "timeline",
    "rows": [
        {
            "label": "w1",
            "spans": [
                {"from": 0, "to": 2, "text": "e-mail", "tone": "worker"},
                {"from": 2, "to": 2.5, "text": "crash, and nobody sees it", "tone": "lost"},
                {"from": 2.5, "to": 8, "text": "time-out", "tone": "waiting"},
            ],
        }
    ],
}

SPAN = {"from": 0, "to": 2, "text": "x"}


def drawn(**figure: Any) -> str:
    """The markup of one figure."""
    [read] = Figures.model_validate({"figures": [{k: v for k, v in figure.items() if v is not None}]}).figures
    pages = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True, undefined=StrictUndefined)
    pages.filters["inline"] = inline
    return str(pages.get_template("course/_figures.html").module.draw(read))  # type: ignore[attr-defined]


def numbers(markup: str, element: str, attribute: str) -> list[float]:
    return [float(found) for found in re.findall(rf'<{element}[^>]* {attribute}="([\d.]+)%?"', markup)]


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0, 12.8, ["0", "5", "10", "15"]),
        (0, 3, ["0", "1", "2", "3"]),
        (0, 0.95, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (0, 5847, ["0", "2,000", "4,000", "6,000"]),
        (0, 0, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (0.5, 0.99, ["0.5", "0.6", "0.7", "0.8", "0.9", "1"]),
    ],
)
def test_an_axis_has_a_few_round_marks_and_holds_its_values(low: float, high: float, marks: list[str]) -> None:
    fitted = axis.fit(low, high)

    assert [tick.text for tick in fitted.ticks] == marks or high == 0
    assert fitted.low <= low <= high <= fitted.high


def test_bars_are_as_long_as_their_values_say() -> None:
    markup = drawn(**BARS)

    assert numbers(markup.partition("drawing-key")[0], "rect", "width") == [100.0, 25.0]
    assert "3.00\u00a0s" in markup
    assert "0.75\u00a0s" in markup


def test_the_spans_of_a_timeline_lie_where_and_as_long_as_they_were() -> None:
    markup = drawn(**TIMELINE).partition("drawing-key")[0]

    assert numbers(markup, "rect", "x") == [0.0, 25.0, 31.25]
    assert numbers(markup, "rect", "width") == [25.0, 6.25, 68.75]


def test_a_text_that_has_no_room_gets_a_letter_and_a_note() -> None:
    markup = drawn(**TIMELINE)

    assert re.search(r'span-letter room-never"[^>]*>a<', markup)
    assert '<span class="room-never"><b>a</b> crash, and nobody sees it</span>' in markup
    assert re.search(r'span-text room-always"[^>]*>e-mail<', markup)


def test_a_curve_begins_at_zero_and_names_both_axes() -> None:
    markup = drawn(**CURVE)

    assert 'points="0.0,80.0 100.0,0.0"' in markup
    assert "waiting, jobs" in markup
    assert "utilisation" in markup
    assert "10\u00a0jobs" in markup


@pytest.mark.parametrize("figure", [BARS, CURVE, TIMELINE], ids=["bars", "curve", "timeline"])
def test_a_figure_can_be_read_without_seeing_it(figure: dict[str, Any]) -> None:
    markup = drawn(**figure)

    assert '<div aria-hidden="true">' in markup
    assert "<caption>How long it takes</caption>" in markup
    assert markup.count('<th scope="row">') == {"bars": 2, "curve": 4, "timeline": 3}[figure["kind"]]
    assert "Cooking takes 3 s." in markup
    assert "The story." in markup


@pytest.mark.parametrize("figure", [BARS, CURVE, TIMELINE], ids=["bars", "curve", "timeline"])
def test_a_figure_holds_no_style_and_no_markup_of_its_data(figure: dict[str, Any]) -> None:
    markup = drawn(**figure)

    assert "style" not in markup
    assert "<b>," not in markup
    assert figure["kind"] != "bars" or "cook &lt;b&gt;" in markup


@pytest.mark.parametrize(
    ("figure", "wrong"),
    [
        ({**BARS, "rows": []}, "at least 1 item"),
        ({**BARS, "rows": [{"label": "x", "value": -1}]}, "greater than or equal to 0"),
        ({**TIMELINE, "rows": [{"label": "x", "spans": [{"from": 2, "to": 1, "text": "x"}]}]}, "ends before it begins"),
        ({**TIMELINE, "rows": [{"label": "x", "spans": [SPAN, SPAN]}]}, "overlap"),
        ({**CURVE, "series": [{"label": "x", "points": [[1, 1], [0, 2]]}]}, "from left to right"),
    ],
)
def test_data_that_cannot_be_drawn_is_refused(figure: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValidationError, match=wrong):
        drawn(**figure)


def test_every_figure_of_ours_can_be_drawn_and_says_its_numbers() -> None:
    drawings = [block.content for lesson in course.read(Path(course.ROOT)).lessons for block in lesson.blocks]
    figures = [each for each in drawings if isinstance(each, Bars | Curve | Timeline)]

    assert len(figures) >= 10
    for figure in figures:
        assert "undefined" not in drawn(**figure.model_dump(by_alias=True))
