"""Charts are made on the server: paths to scale, gaps as gaps, acts as lines, and all of it in words as well."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from flask import Flask

from app import create_app
from lessons.charts import drawing
from lessons.charts.drawing import SPARKS, Chart, Drawing, Value
from workers.watch.timeline import Act, Sample

NOW = 100_000  # a multiple of a bucket's five seconds
POINT = re.compile(r"-?\d+(\.\d)?")


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app()


def every_second(seconds: int = 600, **values: float) -> list[Sample]:
    return [Sample(NOW - seconds + 1 + second, **values) for second in range(seconds)]  # type: ignore[arg-type]


def drawn(measured: Sequence[Sample], *acts: Act, until: float = NOW, live: bool = True) -> Drawing:
    return drawing.draw(measured, acts, until, live=live)


def chart(name: str, measured: Sequence[Sample], until: float = NOW) -> Chart:
    """A chart that goes on no longer, and so is drawn in one piece."""
    return next(chart for chart in drawn(measured, until=until, live=False).charts if chart.id == name)


def paths(name: str, measured: Sequence[Sample]) -> list[str]:
    return [path for _, path in chart(name, measured).plot.lines]


def act(seconds_ago: float, label: str = "w2 killed") -> Act:
    return Act(datetime.fromtimestamp(NOW - seconds_ago, UTC), "crash", label)


def test_a_level_line_is_two_points() -> None:
    level = chart("depth", every_second(depth=10))

    assert level.plot.lines == (("depth", "M5 0l595 0"),)
    assert level.values == (Value("depth", "", "10", "10"),)


def test_the_longest_path_has_a_point_for_every_five_seconds_with_at_most_one_decimal() -> None:
    measured = [Sample(NOW - second, depth=second % 7 * second) for second in range(599, -1, -1)]

    [path] = paths("depth", measured)

    numbers = [point for point in re.split("[Ml ]|(?<=\\d)(?=-)", path) if point]
    assert len(numbers) <= 2 * 600 // drawing.BUCKET_S
    assert all(POINT.fullmatch(point) for point in numbers)


def test_a_short_peak_is_not_smoothed_away() -> None:
    measured = [*every_second(300, depth=1), Sample(NOW + 1, depth=90)]

    assert chart("depth", measured, until=NOW + 1).values[0].highest == "90"


def test_a_gap_is_drawn_as_a_gap() -> None:
    measured = [each for each in every_second(depth=10) if not NOW - 300 < each.second <= NOW - 200]

    assert paths("depth", measured) == ["M5 0l295 0M405 0l195 0"]


def test_a_sandbox_in_which_nothing_moves_has_no_gaps() -> None:
    [path] = paths("depth", every_second(depth=10)[::5])

    assert path.count("M") == 1


def test_rates_are_a_second_also_in_the_bucket_that_has_just_begun() -> None:
    measured = [Sample(NOW - 600 + second, came_in=2, went_out=1) for second in range(602)]

    into, out = chart("throughput", measured, until=NOW + 1).values

    assert (into.latest, into.highest) == ("2", "2")
    assert (out.latest, out.highest) == ("1", "1")


def test_customers_far_apart_are_no_line() -> None:
    measured = [
        Sample(each.second, wait_now_s=12.8 if each.second in (NOW - 300, NOW - 90) else None)
        for each in every_second()
    ]

    waits = chart("waits", measured)

    (_, now), (_, later) = waits.plot.lines
    assert now.count("M") == now.count("h-5") == 2
    assert later == ""
    assert [value.latest for value in waits.values] == ["12.8\u00a0s", "–"]


def test_the_axis_moves_by_a_bucket_so_that_most_polls_find_the_paths_unchanged() -> None:
    quiet = [Sample(NOW - 600 + 5 * number) for number in range(121)]

    first, *others = [drawn(quiet, act(60), until=NOW + second) for second in (0.1, 1, 2, 4.9)]

    assert all(other == first for other in others)


def test_an_act_stands_at_its_time_in_every_chart() -> None:
    made = drawn(every_second(), act(300), act(700), act(-60))

    [mark] = made.labels.marks
    assert (mark.at, mark.label) == (50, "w2 killed")
    assert {chart.plot.acts for chart in made.charts} == {"M300 0v100"}


def test_labels_that_would_collide_stand_above_one_another() -> None:
    made = drawn(every_second(), act(305), act(302), act(300), act(40))

    assert [mark.row for mark in made.labels.marks] == [2, 1, 0, 0]
    assert made.labels.rows == 3
    assert [mark.anchor for mark in made.labels.marks] == ["start", "start", "start", "end"]


def test_what_has_no_room_for_its_label_is_still_in_the_list(app: Flask) -> None:
    made = drawn(every_second(), *(act(300 - second, f"act {second}") for second in range(6)))

    assert [mark.row for mark in made.labels.marks].count(None) == 2
    assert all(f" act {second}</li>" in markup(app, made) for second in range(6))


def test_the_times_are_minutes_before_now_or_before_a_moment() -> None:
    assert [time.text for time in drawn([]).times] == ["−10", "−8", "−6", "−4", "−2", "now"]
    assert drawn([], live=False).times[-1].text == "03:46:40"


def test_the_forecast_is_told_only_while_it_is_measured() -> None:
    assert drawn(every_second()).forecast == "empty"
    assert drawn(every_second(), until=NOW + 30).forecast == "nothing measured"


def test_nothing_measured_is_an_empty_chart() -> None:
    made = drawn([])

    assert [path for each in made.charts for _, path in each.plot.lines] == [""] * 6
    assert [past.lines for past in made.past] == [()] * 4
    assert made.table.rows == ()
    assert drawing.sparks([], NOW)["depth"] == drawing.Spark("", "at most – in ten minutes")


def test_a_table_says_the_same_minute_by_minute(app: Flask) -> None:
    made = drawn(every_second(depth=3, oldest_age_s=1.25, came_in=1), live=False)

    assert len(made.table.rows) == 10
    assert made.table.rows[0] == ("−10 min", "3", "1.2", "1", "0", "–", "–")
    assert '<th scope="col">depth</th>' in markup(app, made)


def test_a_chart_says_in_words_what_it_shows(app: Flask) -> None:
    page = markup(app, drawn(every_second(depth=3)))

    assert 'role="img" aria-labelledby="drawing-title-depth drawing-values-depth"' in page
    assert '<p class="chart-title" id="drawing-title-depth"><b>Waiting</b>, messages: <b id=' in page
    assert "now <b>3</b>, highest 3" in page


def test_every_tile_has_its_line() -> None:
    made = drawing.sparks(every_second(depth=1234, oldest_age_s=9.84, busy=1, alive=2, went_out=4), NOW)

    assert tuple(made) == tuple(SPARKS)
    assert made["depth"].words == "at most 1,234 in ten minutes"
    assert all(spark.path.startswith("M2 ") for spark in made.values())


def test_the_lines_of_tiles_have_turns() -> None:
    growing = [replace(each, depth=each.second, busy=each.second, lost=each.second) for each in every_second(900)]

    at = [drawing.sparks(growing, NOW - 40 + 5 * epoch, by_turns=True) for epoch in range(9)]

    changed = [[key for key in SPARKS if now[key] != before[key]] for before, now in pairwise(at)]
    assert changed == [[], ["lost"], ["busy"], ["depth"]] * 2


def test_the_past_of_a_line_lies_still_and_one_chart_at_a_time_moves_its_seam() -> None:
    measured = [Sample(second, depth=second % 13, came_in=second % 7, wait_now_s=second % 17, oldest_age_s=second % 11)
                for second in range(NOW - 900, NOW + 1)]  # fmt: skip
    epochs = range(NOW - 160, NOW + 1, 5)

    at = [drawn(measured, until=epoch) for epoch in epochs]

    moved = [
        (epoch, new.id)
        for epoch, (before, now) in zip(epochs[1:], pairwise(at), strict=True)
        for old, new in zip(before.past, now.past, strict=True)
        if old != new
    ]
    assert len({epoch for epoch, _ in moved}) == len(moved)
    assert sorted(name for _, name in moved) == sorted(2 * ["depth", "age", "throughput", "waits"])


@pytest.mark.parametrize("gap", [range(0), range(NOW - 120, NOW - 60), range(NOW - 50, NOW - 30)])
def test_past_and_present_together_are_the_whole_line(gap: range) -> None:
    measured = [Sample(second, depth=1 + second % 13, oldest_age_s=second % 11, wait_now_s=3 if second % 9 else None)
                for second in range(NOW - 900, NOW + 1) if second not in gap]  # fmt: skip

    for until in range(NOW - 80, NOW + 1, 5):
        live, whole = drawn(measured, until=until), drawn(measured, until=until, live=False)

        for past, here, all_of_it in zip(live.past, live.charts, whole.charts, strict=True):
            old = dict(past.lines)
            for (key, new), (_, line) in zip(here.plot.lines, all_of_it.plot.lines, strict=True):
                seen = points(old.get(key, ""), here.plot.seam or 0) | points(new)
                assert {point for point in seen if point[0] > 0} == points(line)


def points(path: str, right: float = 0) -> set[tuple[float, float]]:
    """Where the lines of a path are at the end of each bucket, moved to the right by so much."""
    found = set[tuple[float, float]]()
    for stroke in path.split("M")[1:]:
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", stroke)]
        steps = list(zip(numbers[2::2], numbers[3::2], strict=False))
        x, y = right + numbers[0], numbers[1]
        found.add((x, y))
        for dx, dy in steps:
            buckets = round(dx / drawing.BUCKET_S)
            found |= {(x + 5 * each, round(y + dy * each / buckets, 3)) for each in range(1, buckets + 1)}
            x, y = x + dx, y + dy
    return found


def markup(app: Flask, made: Drawing) -> str:
    with app.app_context():
        template = app.jinja_env.from_string('{% from "control_room/_chart.html" import draw %}{{ draw(made) }}')
        return template.render(made=made)
