"""The flood's lab: what a run was, read from rows, record and samples, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from lessons.labs import flood, flood_runs, narrow, waiting_theory, wall
from lessons.labs.flood import RunForm
from lessons.labs.measured import as_json
from lessons.labs.wall import Picture
from tests.workers.back_of_house import BackOfHouse
from workers import crowds, events, floods, tables, tickets
from workers.counting import Counter
from workers.database import begin, insert_new, utc_now
from workers.errors import NothingToObserve, OverLimit
from workers.sandboxes import DEFAULTS, settings_of
from workers.tables import samples
from workers.watch.timeline import series


def start(house: BackOfHouse, bench: Any, lab: str, wanted: Any) -> None:
    """As the frame begins a run."""
    bench.run(house.sandbox, wanted)
    events.append(house.sandbox, events.LabStarted(lab=lab, choices=wanted.model_dump(mode="json")))


def end_floods(house: BackOfHouse, refused: int = 0) -> None:
    for row in crowds.running(tables.floods):
        floods._end(row, 0, refused)


def count(house: BackOfHouse, about: str = "analytics", **wanted: Any) -> None:
    ticket = tickets.accept(house.sandbox, about, ["seen"] * 10, **wanted)
    Counter("w1").count(ticket, DEFAULTS | {"speed": 10})


def measured(house: BackOfHouse, *small: tuple[int, int]) -> None:
    """Samples of the seconds from now on: what came in and what went out."""
    second = int(utc_now().timestamp()) + 1
    kinds = ("depth", "busy", "alive", "scheduled", "dead", "lost", "duplicated", "came_in", "went_out")
    rows = [
        dict.fromkeys(kinds, 0)
        | {"sandbox": house.sandbox, "second": second + place, "small_in": came, "small_out": out}
        for place, (came, out) in enumerate(small)
    ]
    with begin() as db:
        insert_new(db, samples, rows)


def test_a_run_sets_the_shop_up_and_lets_two_floods_come(house: BackOfHouse) -> None:
    start(house, flood, "backpressure", RunForm(workers=2, answers=["shed", "reject"], queue_limit=20))

    settings = settings_of(house.sandbox)
    assert (settings["workers"], settings["backpressure"], settings["queue_limit"]) == (2, "reject+shed", 20)
    assert {(row.kind, row.per_second) for row in crowds.running(tables.floods)} == {
        ("analytics", 1000),
        ("payments", 5),
    }
    bench = flood.look(house.sandbox)
    assert bench.running
    assert bench.newest
    assert bench.newest.name == "2 workers, refusing at 20, dropping the old"
    assert bench.newest.words == ()


def test_there_is_no_second_run_while_tickets_are_left(house: BackOfHouse) -> None:
    start(house, flood, "backpressure", RunForm())
    with pytest.raises(OverLimit):
        flood.run(house.sandbox, RunForm())
    end_floods(house)
    tickets.accept(house.sandbox, "analytics", ["seen"])
    for bench, wanted in ((flood, RunForm()), (narrow, narrow.RunForm()), (wall, wall.RunForm())):
        with pytest.raises(OverLimit, match="1 tickets are left"):
            bench.run(house.sandbox, wanted)

    flood.act(house.sandbox, flood.ActForm())

    assert settings_of(house.sandbox)["workers"] == 10


def test_the_figures_of_a_run_are_those_of_its_rows(house: BackOfHouse) -> None:
    start(house, flood, "backpressure", RunForm())
    for _ in range(3):
        count(house)
    count(house, "payments")
    end_floods(house, refused=70)

    [run] = flood.look(house.sandbox).runs

    assert (run.analytics.accepted, run.analytics.counted, run.payments.counted) == (30, 30, 10)
    assert run.refused == {"analytics": 70, "payments": 70}
    told = as_json(run)
    assert (told["workers"], told["analytics"]["counted"], told["over"]) == (1, 30, False)


def test_the_words_of_a_run_are_made_of_its_figures(house: BackOfHouse) -> None:
    start(house, flood, "backpressure", RunForm(answers=["reject"]))
    count(house)
    count(house, "payments")
    end_floods(house, refused=70)
    measured(house, *[(1000, 100)] * 8, (0, 100))
    [run] = flood.look(house.sandbox).runs
    in_spate = {"analytics": 590, "payments": 10}
    run = replace(run, flooded_s=8.0, in_spate=in_spate, samples=samples_of(house), over=True)

    told = " ".join(run.words)

    assert run.most_waiting == 7200
    assert "one worker did 100 a second" in told
    assert "70 page views were refused with 429" in told
    assert "70 payment confirmations were refused as well" in told


def test_what_was_done_in_full_spate_is_counted_from_its_rows(
    house: BackOfHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flood_runs, "SPATE_AFTER_S", 0)
    start(house, flood, "backpressure", RunForm(workers=1, answers=["prioritise"]))
    count(house, "payments")
    count(house, "payments")
    end_floods(house)
    count(house)  # when the flood was over

    [run] = flood.look(house.sandbox).runs

    assert run.in_spate == {"payments": 20}
    assert run.starved
    assert run.out_per_s == pytest.approx(20 / (run.flooded_s or 0))


def test_a_run_is_over_when_its_last_second_has_been_measured(
    house: BackOfHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flood_runs, "_known", {})  # the next test's ledger numbers its runs as this one does
    start(house, flood, "backpressure", RunForm())
    count(house)
    end_floods(house)
    now = utc_now()
    with begin() as db:
        db.execute(update(tables.tickets).values(closed_at=now + timedelta(seconds=60)))

    def over_after(seconds: float) -> bool:
        monkeypatch.setattr(flood_runs, "utc_now", lambda: now + timedelta(seconds=seconds))
        return flood.look(house.sandbox).runs[0].over

    assert [over_after(seconds) for seconds in (61, 63)] == [False, True]


def samples_of(house: BackOfHouse) -> Any:
    return series(house.sandbox, utc_now().timestamp() + 60)


@pytest.mark.parametrize(("drained", "holds"), [(9, "with"), (14, "as-long"), (80, "longer")])
def test_an_observation_is_held_against_the_drain(house: BackOfHouse, drained: float, holds: str) -> None:
    start(house, flood, "backpressure", RunForm())
    [run] = flood.look(house.sandbox).runs
    run = replace(run, flooded_s=8.0, lasted_s=drained)

    assert [flood_runs.held_against(run, choice).agrees for choice in ("with", "as-long", "longer")] == [
        choice == holds for choice in ("with", "as-long", "longer")
    ]


def test_a_profile_says_where_the_time_of_a_ticket_goes(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.counting.visitors.ask", lambda *_: 0.095)
    with pytest.raises(NothingToObserve):
        narrow.act(house.sandbox, narrow.ActForm())
    start(house, narrow, narrow.LAB, narrow.RunForm(workers=1))
    count(house, lookup="one", work_ms=5)
    end_floods(house)
    narrow.act(house.sandbox, narrow.ActForm())

    bench = narrow.look(house.sandbox)

    assert bench.profiled
    [run] = bench.runs
    assert (run.over, run.name, run.figures.counted, run.figures.outside_s) == (True, "1 worker", 10, 0.095)
    assert narrow.observe(house.sandbox, "same") is None


def test_two_runs_one_after_the_other_do_not_share_tickets(house: BackOfHouse) -> None:
    for workers in (1, 10):
        start(house, narrow, narrow.LAB, narrow.RunForm(workers=workers))
        count(house)
        end_floods(house)

    assert [run.figures.counted for run in narrow.look(house.sandbox).runs] == [10, 10]
    assert narrow.observe(house.sandbox, "same") is not None


@pytest.mark.parametrize(
    ("workers", "known"),
    [(1, (2, 5, 10, 20)), (2, (1.33, 2.78, 5.26, 10.26)), (4, (1.09, 1.75, 2.97, 5.46))],
)
def test_the_curve_is_erlangs(workers: int, known: tuple[float, ...]) -> None:
    found = [round(waiting_theory.mean_time(workers, busy), 2) for busy in (0.5, 0.8, 0.9, 0.95)]

    assert found == pytest.approx(known, abs=0.005)


def test_the_band_is_around_the_curve_where_half_a_minute_is_enough() -> None:
    for busy in (0.5, 0.6, 0.7):
        band = waiting_theory.band(1, busy, 300)
        assert band.low < waiting_theory.mean_time(1, busy) < band.high
    # Near the wall so short a run ends before the queue is as long as it would be.
    assert waiting_theory.band(1, 0.95, 300).low < 5


def test_a_run_at_the_wall_is_a_dot(house: BackOfHouse) -> None:
    for busy in (0.5, 0.95):
        start(house, wall, wall.LAB, wall.RunForm(utilisation=busy))
        count(house, work_ms=10)
        end_floods(house)

    bench = wall.look(house.sandbox)

    assert [(run.workers, run.utilisation, run.over) for run in bench.finished] == [(1, 0.5, True), (1, 0.95, True)]
    picture = bench.picture
    assert [dot.x for dot in picture.dots] == [9.09, 90.91]
    assert picture.curve.startswith("M9.09 ")
    assert wall.observe(house.sandbox, "same")


def test_an_empty_wall_shows_its_curve_and_band() -> None:
    picture = Picture(4, ())

    assert (picture.dots, picture.height.low) == ((), 0)
    assert picture.area.endswith("Z")
