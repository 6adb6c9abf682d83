"""What a changed poll of the control room weighs while everything moves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lessons.charts.drawing import BEFORE_S
from lessons.control_room.sections import MOST_BYTES
from tests.bench import figures
from tests.bench.crowd import call
from tests.bench.rooms import STALE, Room
from tests.bench.seeding import seed_history
from tests.product import Product
from workers.watch.timeline import TEN_MINUTES_S

pytestmark = pytest.mark.bench

POLLED_S = 30


def test_a_poll_while_everything_moves(product: Product) -> None:
    lab = product.new_sandbox(speed=10, workers=12)
    lab.wait_for_workers(12)
    seed_history(product, lab, seconds=TEN_MINUTES_S + BEFORE_S)
    room, rows = Room(lab), []
    for every_s in (0.5, 1, 2, 5):
        lab.http.post(lab.url("/floods"), json={"per_second": 20, "seconds": 30}).raise_for_status()
        viewer = replace(room.viewer(), times=int(POLLED_S / every_s), every_s=every_s)
        ended = len(lab.events("FloodEnded"))
        changed = [answer for answer in call(product.port, [viewer])[1:] if answer.status == 200]
        lab.wait_for("FloodEnded", ended + 1)
        sizes = [answer.body for answer in changed]
        rows.append([
            f"every {every_s:g} s",
            len(changed),
            f"{figures.median(sizes):,.0f}",
            f"{max(sizes):,}",
            f"{max(answer.headers for answer in changed):,}",
            f"{sum(size <= MOST_BYTES for size in sizes) / len(sizes):.0%}",
        ])  # fmt: skip
    page = call(product.port, [room.poll(STALE)])[0]

    figures.show(
        f"A changed poll in a flood on 12 workers, after ten minutes of chance, for {POLLED_S} s each",
        ("", "changed", "median bytes", "largest", "headers", f"at most {MOST_BYTES:,}"),
        rows,
        f"Bytes of the body, gzip. The alternative, all that is polled each time, is {page.body:,} bytes.",
        f"Aim: a changed poll is at most {MOST_BYTES:,} bytes.",
    )
    lab.leave()
