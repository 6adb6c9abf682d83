"""The kitchen card: every worker in its place, alive or dead, with what it is at."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lessons.wheel import kitchen
from tests.lessons.recorded import at, snapshot
from workers.snapshot import WorkerView

FREE = WorkerView("w1", 4242, "idle", at(0))
BUSY = WorkerView("w2", 4243, "busy", at(0), order=1042, step="pdf", step_since=at(2), attempt=1)
DEAD = WorkerView("w3", 4244, "dead", at(3), order=1041, step="email", step_since=at(2), back_at=at(11))


def test_a_busy_worker_is_shown_at_its_step_of_seven() -> None:
    card = kitchen(snapshot(workers=(BUSY,)), at(3.5)).workers[0]

    assert (card.step, card.place, len(card.cells)) == ("make the receipt", 2, 7)
    assert [cell.part for cell in card.cells[:3]] == [1.0, pytest.approx(0.5), 0.0]


def test_a_worker_at_a_photo_is_shown_at_its_step_although_it_is_none_of_the_seven() -> None:
    card = kitchen(snapshot(workers=(replace(BUSY, step="thumbnails"),)), at(3.5)).workers[0]

    assert (card.step, card.place, {cell.part for cell in card.cells}) == ("make thumbnails", 0, {0.0})


def test_a_dead_workers_bar_stands_still_and_its_countdown_runs() -> None:
    soon, later = (kitchen(snapshot(workers=(DEAD,)), at(now)).workers[0] for now in (4, 9))

    assert soon.cells == later.cells
    assert [soon.back_in_s, later.back_in_s] == pytest.approx([7, 2])


def test_a_frozen_workers_bar_stands_still() -> None:
    frozen = replace(BUSY, state="frozen", since=at(3))

    soon, later = (kitchen(snapshot(workers=(frozen,)), at(now)).workers[0] for now in (4, 9))

    assert soon.cells == later.cells
    assert kitchen(snapshot(workers=(frozen,)), at(4)).alive == 1


def test_a_countdown_does_not_go_below_zero() -> None:
    assert kitchen(snapshot(workers=(DEAD,)), at(11) + timedelta(minutes=1)).workers[0].back_in_s == 0


def test_the_kill_button_aims_at_a_busy_worker_first() -> None:
    assert kitchen(snapshot(workers=(FREE, BUSY, DEAD)), at(4)).victim == "w2"
    assert kitchen(snapshot(workers=(DEAD, FREE)), at(4)).victim == "w1"
    assert kitchen(snapshot(workers=(DEAD,)), at(4)).victim is None


def test_the_living_and_the_dead_are_counted() -> None:
    counted = kitchen(snapshot(workers=(FREE, BUSY, DEAD)), at(4))

    assert (counted.alive, counted.down) == (2, 1)
