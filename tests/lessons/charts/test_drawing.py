"""Charts are made on the server: paths to scale, gaps as gaps, acts as lines, and all of it in words as well."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from flask import Flask

from app import create_app
from lessons.charts import drawing
from lessons.charts.drawing import SPARKS, Chart, Charts
from workers.watch.timeline import Act, Sample

NOW = 100_000  # a multiple of a bucket's five seconds
POINT = re.compile(r"-?\d+(\.\d)?")


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app()


def every_second(seconds: int = 600, **values: float) -> list[Sample]:
    return [Sample(NOW - seconds + 1 + second, **values) for second in range(seconds)]  # type: ignore[arg-type]


def drawn(measured: Sequence[Sample], *acts: Act, until: float = NOW, live: bool = True) -> Charts:
    return drawing.draw(measured, acts, until, live=live)


def chart(name: str, measured: Sequence[Sample], until: float = NOW) -> Chart:
    return next(chart for chart in drawn(measured, until=until).charts if chart.id == name)


def act(seconds_ago: float, label: str = "w2 killed") -> Act:
    return Act(datetime.fromtimestamp(NOW - seconds_ago, UTC), "crash", label)


def test_a_level_line_is_two_points() -> None:
    [line] = chart("depth", every_second(depth=10)).lines

    assert line.path == "M5 0l595 0"
    assert (line.latest, line.highest) == ("10", "10")


def test_the_longest_path_has_a_point_for_every_five_seconds_with_at_most_one_decimal() -> None:
    measured = [Sample(NOW - second, depth=second % 7 * second) for second in range(599, -1, -1)]

    [line] = chart("depth", measured).lines

    points = [point for point in re.split("[Ml ]|(?<=\\d)(?=-)", line.path) if point]
    assert len(points) <= 2 * drawing.BUCKETS
    assert all(POINT.fullmatch(point) for point in points)


def test_a_short_peak_is_not_smoothed_away() -> None:
    measured = [*every_second(300, depth=1), Sample(NOW + 1, depth=90)]

    assert chart("depth", measured, until=NOW + 1).lines[0].highest == "90"


def test_a_gap_is_drawn_as_a_gap() -> None:
    measured = [each for each in every_second(depth=10) if not NOW - 300 < each.second <= NOW - 200]

    [line] = chart("depth", measured).lines

    assert line.path == "M5 0l295 0M405 0l195 0"


def test_a_sandbox_in_which_nothing_moves_has_no_gaps() -> None:
    [line] = chart("depth", every_second(depth=10)[::5]).lines

    assert line.path.count("M") == 1


def test_rates_are_a_second_also_in_the_bucket_that_has_just_begun() -> None:
    measured = [Sample(NOW - 600 + second, came_in=2, went_out=1) for second in range(602)]

    into, out = chart("throughput", measured, until=NOW + 1).lines

    assert (into.latest, into.highest) == ("2", "2")
    assert (out.latest, out.highest) == ("1", "1")


def test_customers_far_apart_are_no_line() -> None:
    measured = [
        Sample(each.second, wait_now_s=12.8 if each.second in (NOW - 300, NOW - 90) else None)
        for each in every_second()
    ]

    now, later = chart("waits", measured).lines

    assert now.path.count("M") == now.path.count("h-5") == 2
    assert (now.latest, later.latest, later.path) == ("12.8\u00a0s", "–", "")


def test_the_axis_moves_by_a_bucket_so_that_most_polls_find_the_paths_unchanged() -> None:
    quiet = [Sample(NOW - 600 + 5 * number) for number in range(121)]

    first, *others = [drawn(quiet, act(60), until=NOW + second) for second in (0.1, 1, 2, 4.9)]

    assert all(other == first for other in others)


def test_an_act_stands_at_its_time_in_every_chart() -> None:
    made = drawn(every_second(), act(300), act(700), act(-60))

    [mark] = made.marks
    assert (mark.at, mark.label) == (50, "w2 killed")
    assert made.acts == "M300 0v100"


def test_labels_that_would_collide_stand_above_one_another() -> None:
    made = drawn(every_second(), act(305), act(302), act(300), act(40))

    assert [mark.row for mark in made.marks] == [2, 1, 0, 0]
    assert made.label_rows == 3
    assert [mark.anchor for mark in made.marks] == ["start", "start", "start", "end"]


def test_what_has_no_room_for_its_label_is_still_in_the_list(app: Flask) -> None:
    made = drawn(every_second(), *(act(300 - second, f"act {second}") for second in range(6)))

    assert [mark.row for mark in made.marks].count(None) == 2
    assert all(f" act {second}</li>" in markup(app, made) for second in range(6))


def test_the_times_are_minutes_before_now_or_before_a_moment() -> None:
    assert [time.text for time in drawn([]).times] == ["−10", "−8", "−6", "−4", "−2", "now"]
    assert drawn([], live=False).times[-1].text == "03:46:40"


def test_the_forecast_is_told_only_while_it_is_measured() -> None:
    assert drawn(every_second()).forecast == "empty"
    assert drawn(every_second(), until=NOW + 30).forecast == "nothing measured"


def test_nothing_measured_is_an_empty_chart() -> None:
    made = drawn([])

    assert [line.path for each in made.charts for line in each.lines] == [""] * 6
    assert made.rows == ()
    assert drawing.sparks([], NOW)["depth"] == drawing.Spark("–", "", "at most – in ten minutes")


def test_a_table_says_the_same_minute_by_minute(app: Flask) -> None:
    made = drawn(every_second(depth=3, oldest_age_s=1.25, came_in=1))

    assert len(made.rows) == 10
    assert made.rows[0] == ("−10 min", "3", "1.2", "1", "0", "–", "–")
    assert '<th scope="col">depth</th>' in markup(app, made)


def test_a_chart_says_in_words_what_it_shows(app: Flask) -> None:
    made = drawn(every_second(depth=3))

    assert 'role="img" aria-label="Waiting, messages: now 3, highest 3"' in markup(app, made)
    assert "Waiting</b>, messages: <b>" in markup(app, made)


def test_every_tile_has_its_line_and_its_number() -> None:
    made = drawing.sparks(every_second(depth=1234, oldest_age_s=9.84, busy=1, alive=2, went_out=4), NOW)

    assert tuple(made) == SPARKS
    values = {key: made[key].value for key in ("depth", "age", "busy", "in", "out", "dead")}
    assert values == {"depth": "1,234", "age": "9.8\u00a0s", "busy": "1 of 2", "in": "0", "out": "4", "dead": "0"}
    assert all(spark.path.startswith("M2 ") for spark in made.values())


def markup(app: Flask, made: Charts) -> str:
    with app.app_context():
        template = app.jinja_env.from_string('{% from "control_room/_chart.html" import draw %}{{ draw(made) }}')
        return template.render(made=made)
