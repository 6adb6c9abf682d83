"""What one lab's flood does to a customer of another."""

from __future__ import annotations

import pytest

from tests.bench import figures
from tests.bench.crowd import Caller, call
from tests.product import Product, Sandbox

pytestmark = pytest.mark.bench


def test_a_flood_next_door(product: Product) -> None:
    calm, wild = product.new_sandbox(), product.new_sandbox(workers=12, speed=10)
    wild.wait_for_workers(12)
    calm.wait_for_workers(2)
    alone = waits(product, calm)
    wild.flood(per_second=20, seconds=30)
    beside = waits(product, calm)

    figures.show(
        "A customer's wait (`later`, at the story's speed), with and without a flood in another lab",
        ("", "median", "90th percentile", "of the wait alone"),
        [
            ["alone", f"{figures.median(alone):.3f} s", f"{figures.percentile(alone, 90):.3f} s", "1.00"],
            [
                "beside 20 orders a second",
                f"{figures.median(beside):.3f} s",
                f"{figures.percentile(beside, 90):.3f} s",
                f"{figures.median(beside) / figures.median(alone):.2f}",
            ],
        ],
        "Aim: less than 10 % more.",
    )
    for lab in (calm, wild):
        lab.leave()


def waits(product: Product, lab: Sandbox) -> list[float]:
    """What twenty customers wait, one after the other."""
    headers = {"Authorization": f"Bearer {lab.token}", "Content-Type": "application/json", "Accept": "application/json"}
    order = Caller(lab.url("/orders"), "POST", headers, '{"checkout": "later"}', times=20)
    return [answer.seconds for answer in call(product.port, [order]) if answer.status == 201]
