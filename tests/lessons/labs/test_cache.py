"""The lab of lesson 10 reads what the visitors noted: who waited, who made the list, and how many at once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import insert, update

from lessons.labs import cache
from lessons.labs.cache import RunForm
from lessons.labs.cache_runs import Bench, Run, Visit
from tests.workers.back_of_house import BackOfHouse
from workers import commitments, events, sandboxes, visits
from workers.database import begin, utc_now
from workers.errors import OverLimit
from workers.tables import visitor_runs
from workers.tables import visits as rows


def run_of(way: str, seen: Sequence[Visit], made: tuple[float, ...] = (), over: bool = True) -> Run:
    return Run(way, 1, tuple(seen), made, over)


def crowd(computed: int, ready: int, wait_s: float = 0.75) -> list[Visit]:
    """Ten a second: some in whose request it was made, then those who found it ready."""
    made = [Visit(number / 10, wait_s, "computed", 0.0) for number in range(computed)]
    return made + [Visit((computed + number) / 10, 0.02, "cache", number / 10) for number in range(ready)]


STAMPEDE = run_of("expiring", crowd(8, 22))
WARM = run_of("warm", crowd(0, 30), made=(0.75, 0.8))


def test_what_the_visitors_noted_is_counted() -> None:
    assert (STAMPEDE.computed, STAMPEDE.at_once, STAMPEDE.refused) == (8, 8, 0)
    assert (STAMPEDE.median, STAMPEDE.longest, STAMPEDE.work_s, STAMPEDE.oldest_s) == (0.02, 0.75, 6.0, 2.1)
    assert (WARM.computed, WARM.at_once, WARM.refreshed, WARM.longest) == (0, 0, 2, 0.02)
    assert WARM.work_s == pytest.approx(1.55, abs=0.051)


def test_one_after_the_other_is_not_at_once() -> None:
    assert run_of("expiring", [Visit(number, 0.9, "computed") for number in range(5)]).at_once == 1


def test_who_was_turned_away_has_waited_for_nothing() -> None:
    run = run_of("none", [Visit(0, 0.75, "computed"), Visit(0.1, 9.9, "refused")])

    assert (run.refused, run.longest, len(run.answered)) == (1, 0.75, 1)


@pytest.mark.parametrize(
    ("seen", "holds"),
    [
        ([Visit(0, 0.75, "computed"), *crowd(0, 9)], "one"),
        (crowd(8, 22), "several"),
        (crowd(10, 0, wait_s=5), "all"),
    ],
)
def test_the_observation_is_held_against_what_was_noted(seen: list[Visit], holds: str) -> None:
    said = {
        choice: cache.held_against({"expiring": run_of("expiring", seen)}, choice)
        for choice in ("one", "several", "all")
    }

    assert [choice for choice, found in said.items() if found.agrees] == [holds]


def test_the_explanation_quotes_all_three_ways() -> None:
    none = run_of("none", crowd(30, 0))
    told = cache.held_against({"none": none, "expiring": STAMPEDE, "warm": WARM}, "several").evidence

    assert "up to 8 requests made the same list at the same moment, 8 of 30 in all" in told
    assert "Without a cache it was made 30 times" in told
    assert "a worker made it 2 times and visitors 0 times" in told
    assert "0.02\u00a0s, not 0.75\u00a0s" in told
    assert "Kept warm" not in cache.held_against({"expiring": STAMPEDE}, "one").evidence


def test_waits_are_drawn_to_scale() -> None:
    bench = Bench((run_of("expiring", [Visit(6, 0.75, "computed"), Visit(12, 0, "cache"), Visit(3, 1, "refused")]),))

    drawn = bench.picture(bench.runs[0])
    assert bench.height.high == 0.8
    assert drawn.waits == "M50 6.25V100"
    assert drawn.quick == "M100 100h0"
    assert drawn.refused == "M25 0h0"


def test_a_run_is_read_from_the_notes_and_the_record(house: BackOfHouse) -> None:
    cache.run(house.sandbox, RunForm(cache="expiring"))
    with pytest.raises(OverLimit):
        cache.run(house.sandbox, RunForm(cache="none"))
    settings = sandboxes.settings_of(house.sandbox)
    assert (settings["cache"], settings["speed"]) == ("expiring", 4)
    assert cache.look(house.sandbox).running
    assert cache.observe(house.sandbox, "one") is None

    number = int(commitments.of_lab(house.sandbox, cache.LAB)["expiring"].split()[0])
    seen = {"sandbox": house.sandbox, "run": number}
    with begin() as db:
        noted = [seen | {"number": n, "came_s": n / 10, "waited_s": 0.7, "how": "computed", "age_s": 0} for n in (0, 1)]
        db.execute(insert(rows), noted)
        events.append(house.sandbox, events.AnswerRefreshed(seconds=0.75), db=db)
        db.execute(update(visitor_runs).values(ended_at=utc_now()))
    events.append(house.sandbox, events.AnswerRefreshed(seconds=0.75))

    [run] = cache.look(house.sandbox).runs
    assert (run.over, run.computed, run.refreshed) == (True, 2, 1)
    found = cache.observe(house.sandbox, "all")
    assert found
    assert found.agrees


def test_of_each_way_only_the_last_run_is_kept(house: BackOfHouse) -> None:
    numbers = []
    for way in ("none", "expiring", "none"):
        cache.run(house.sandbox, RunForm(cache=way))
        numbers.append(int(commitments.of_lab(house.sandbox, cache.LAB)[way].split()[0]))
        with begin() as db:
            db.execute(update(visitor_runs).values(ended_at=utc_now()))

    assert [visits.of_run(house.sandbox, number)[0] is None for number in numbers] == [True, False, False]
    assert [run.cache for run in cache.look(house.sandbox).runs] == ["none", "expiring"]


def test_without_a_worker_the_doors_open_all_the_same(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "DOORS_OPEN_AFTER_S", 0.1)

    cache.run(house.sandbox, RunForm(cache="warm"))

    assert [run.cache for run in cache.look(house.sandbox).runs] == ["warm"]
    assert len(house.waiting()) == 1


def test_calm_sends_the_visitors_home(house: BackOfHouse) -> None:
    number = visits.start(house.sandbox, 1, 10, "token")
    visits.stop(house.sandbox)

    run, _ = visits.of_run(house.sandbox, number)
    assert run
    assert run.stop_at
    sandboxes.delete(house.sandbox)
    assert visits.of_run(house.sandbox, number) == (None, [])
    assert cache.look(None).runs == ()
