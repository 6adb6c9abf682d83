"""The control room beside rq-dashboard: what a poll costs with much waiting, many viewers and many dead letters."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from tests.bench import figures, rq_dashboard
from tests.bench.crowd import Answer, Caller, call
from tests.bench.rooms import STALE, Room
from tests.bench.seeding import seed
from tests.product import Product
from workers.settings import from_environment

pytestmark = pytest.mark.bench

WAITING, DEAD = 100_000, 10_000
POLLS, WINDOW_S = 200, 8
AT_ONCE = 50
SIZES = (0, 10_000, 100_000, 1_000_000)
CROWDS = (1, 100, 300, 500)


@pytest.fixture(scope="module")
def busy(product: Product) -> Iterator[Room]:
    lab = product.new_sandbox(speed=10)
    with Redis.from_url(broker_url(product)) as broker:
        seed(product, broker, lab, WAITING, DEAD)
    yield Room(lab)
    lab.leave()


@pytest.fixture(scope="module")
def theirs(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with rq_dashboard.running(tmp_path_factory.mktemp("rq-dashboard") / "venv", broker_url(product)) as port:
        yield port


def broker_url(product: Product) -> str:
    return from_environment({"DATA_DIR": str(product.data_dir)}).broker


def test_a_poll_beside_rq_dashboards(product: Product, busy: Room, theirs: int, broker: Redis) -> None:
    queue = f"{busy.lab.id}:checkout"
    asked = {
        "ours, a viewer": (product.port, busy.viewer()),
        "ours, all of it": (product.port, busy.poll(STALE)),
        "rq-dashboard, its queues": (theirs, Caller("/0/data/queues.json")),
        "rq-dashboard, its workers": (theirs, Caller("/0/data/workers.json")),
        "rq-dashboard, a page of failed": (theirs, Caller(f"/0/data/jobs/{queue}/failed/10/asc/1.json")),
        "rq-dashboard, a page of waiting": (theirs, Caller(f"/0/data/jobs/{queue}/queued/10/asc/1.json")),
    }
    rows = [[name, *one_after_the_other(port, poll, broker), many_at_once(port, poll)]
            for name, (port, poll) in asked.items()]  # fmt: skip
    rates: dict[Any, Any] = {row[0]: row[-1] for row in rows}
    three = ("rq-dashboard, its queues", "rq-dashboard, its workers", "rq-dashboard, a page of failed")
    together = 1 / sum(1 / rates[name] for name in three)

    figures.show(
        f"A poll with {WAITING:,} waiting and {DEAD:,} dead",
        ("", "status", "median", "99th percentile", "bytes", "commands", f"polls/s, {AT_ONCE} viewers"),
        [[*row[:-1], f"{row[-1]:.1f}"] for row in rows],
        f"What our one page shows, theirs show on three (queues, workers, failed): {together:.1f} times a second; "
        f"ours is seen {rates['ours, a viewer'] / together:.1f} times as often.",
        "Bytes with headers, compressed where the server does that, the largest answer of each status; commands at the",
        "broker are counted by it, and include what the house itself asks meanwhile. rq-dashboard runs as it ships.",
        "Aim: at least fifteen times as many polls a second; unchanged at most 200 bytes.",
    )


def one_after_the_other(port: int, poll: Caller, broker: Redis) -> list[object]:
    idle = commands(broker, lambda: call(port, [], at_least_s=2)) / 2
    [first] = call(port, [poll])
    times = min(POLLS, max(3, int(WINDOW_S / first.seconds)))
    began, before = time.monotonic(), processed(broker)
    answers = call(port, [replace(poll, times=times)])
    asked = processed(broker) - before - idle * (time.monotonic() - began)
    statuses = sorted({answer.status for answer in answers}, reverse=True)
    return [
        "/".join(map(str, statuses)),
        figures.ms(figures.median([answer.seconds for answer in answers])),
        figures.ms(figures.percentile([answer.seconds for answer in answers], 99)),
        "/".join(f"{size:,}" for size in [largest(answers, status) for status in statuses]),
        f"{max(0.0, asked) / len(answers):.1f}",
    ]


def largest(answers: list[Answer], status: int) -> int:
    return max(answer.headers + answer.body for answer in answers if answer.status == status)


def many_at_once(port: int, poll: Caller) -> float:
    """Each viewer asks again as soon as she has her answer; polls a second over all."""
    each, took, answers = 1, 0.0, list[Answer]()
    while took < WINDOW_S / 2:
        began = time.monotonic()
        answers = call(port, [replace(poll, times=each) for _ in range(AT_ONCE)])
        took = time.monotonic() - began
        each *= 4
    return len(answers) / took


def test_many_viewers_at_one_poll_a_second(product: Product, busy: Room, broker: Redis) -> None:
    viewer, everything = busy.viewer(), busy.poll(STALE)
    idle = commands(broker, lambda: call(product.port, [replace(viewer, times=WINDOW_S, every_s=1)]))
    rows = []
    for viewers in CROWDS:
        for name, poll in (("who keep up", viewer), ("all of it", everything)):
            crowd = [replace(poll, times=WINDOW_S, every_s=1, begins_s=n / viewers) for n in range(viewers)]
            answers: list[Answer] = []
            asked = commands(broker, lambda crowd=crowd, answers=answers: answers.extend(call(product.port, crowd)))
            seconds = [answer.seconds for answer in answers]
            rows.append([
                f"{viewers} viewers, {name}",
                figures.ms(figures.median(seconds)),
                figures.ms(figures.percentile(seconds, 99)),
                sum(answer.status >= 400 for answer in answers),
                f"{(asked - idle) / WINDOW_S:.1f}",
            ])  # fmt: skip

    figures.show(
        f"Viewers of one control room, each with one poll a second for {WINDOW_S} s",
        ("", "median", "99th percentile", "failed", "commands/s more than for one viewer"),
        rows,
        "Aim: viewers cause no traffic at the broker. The alternative, a broker asked by each poll, is above.",
    )


def test_the_cost_is_flat(product: Product, broker: Redis) -> None:
    rows = []
    for waiting in SIZES:
        lab = product.new_sandbox(speed=10)
        seed(product, broker, lab, waiting)
        room = Room(lab)
        rows.append([f"{waiting:,} waiting", *(figures.ms(cost) for cost in (
            median_of(product, room.viewer()), median_of(product, room.poll(STALE)),
        ))])  # fmt: skip
        broker.delete(f"rq:queue:{lab.id}:checkout")  # its jobs go with the data folder: to delete a million takes long
        lab.http.close()

    figures.show(
        "The cost of a poll, by how much waits",
        ("", "a viewer", "all of it"),
        rows,
        "Medians. Aim: flat within 20 %. The alternative is the first row.",
    )


def median_of(product: Product, poll: Caller) -> float:
    return figures.median([answer.seconds for answer in call(product.port, [replace(poll, times=POLLS)])])


def test_replaying_ten_thousand(product: Product, broker: Redis) -> None:
    ours, stock = product.new_sandbox(speed=10), product.new_sandbox(speed=10)
    for lab in (ours, stock):
        seed(product, broker, lab, dead=DEAD, ledger=lab is ours)

    began = time.monotonic()
    answer = ours.http.post(ours.url("/dead-letters/replays"), json={"all": True})
    ours_s = time.monotonic() - began
    assert answer.json()["replayed"] == DEAD, answer.text
    began = time.monotonic()
    requeue = [str(Path(sys.executable).parent / "rq"), "requeue", "--all", "--queue", f"{stock.id}:checkout"]
    subprocess.run(
        [*requeue, "--url", broker_url(product)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    stock_s = time.monotonic() - began
    assert broker.llen(f"rq:queue:{stock.id}:checkout") >= DEAD

    figures.show(
        f"Replaying {DEAD:,} dead letters",
        ("", "took", "a second", "times as fast"),
        [
            [
                "ours, with the ledger and the record",
                f"{ours_s:.2f} s",
                f"{DEAD / ours_s:,.0f}",
                figures.times(ours_s, stock_s),
            ],
            ["`rq requeue --all`, of RQ's own only", f"{stock_s:.2f} s", f"{DEAD / stock_s:,.0f}", "1 x"],
        ],
        "Aim: at least ten times as fast.",
    )
    for lab in (ours, stock):
        lab.leave()


def commands(broker: Redis, do: Any) -> int:
    """How many commands the broker processed meanwhile."""
    before = processed(broker)
    do()
    return processed(broker) - before - 1


def processed(broker: Redis) -> int:
    counted: Any = broker.info("stats")
    return int(counted["total_commands_processed"])
