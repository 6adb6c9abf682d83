"""How long customers wait beyond the work that is done while they wait, alone and a hundred at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tests.bench import figures
from tests.bench.crowd import Answer, Caller, call
from tests.product import Product, Sandbox
from workers.checkout import LATER, STEPS
from workers.sandboxes import CAPS

pytestmark = pytest.mark.bench

WORK_S = {
    "now": sum(step.seconds for step in STEPS),
    "later": sum(step.seconds for step in STEPS if step not in LATER),
}
QUEUED_AT_MOST = CAPS["queued_messages"] // 2


@dataclass(frozen=True)
class Trial:
    """So many customers at once, each of whom orders again as soon as she has her answer."""

    checkout: str
    customers: int
    orders_each: int

    @property
    def sandboxes(self) -> int:
        """Enough of them that no cap is met."""
        at_once = -(-self.customers // CAPS[f"checkouts_{self.checkout}"])
        queued = -(-self.customers * self.orders_each // QUEUED_AT_MOST) if self.checkout == "later" else 1
        return max(at_once, queued)


TRIALS = (Trial("later", 1, 50), Trial("now", 1, 2), Trial("later", 100, 16), Trial("now", 100, 1))


def test_the_wait_beyond_the_work(product: Product) -> None:
    found = {(trial.checkout, trial.customers): (trial, carry_out(product, trial)) for trial in TRIALS}

    rows = [row(trial, answers, placed(found["now", trial.customers][1])) for trial, answers in found.values()]
    columns = ("customers at once", "orders", "refused", "median wait", "beyond the work: median", "99th percentile",
               "wait / that of `now`")  # fmt: skip
    show = "; ".join(f"`{name}` works {work:.1f} s" for name, work in WORK_S.items())
    figures.show(
        "A customer's wait at speed 1, as she measures it",
        columns,
        rows,
        f"While she waits, {show}; beyond it is what the shop itself takes.",
        "Aim for `later`: median under 10 ms, 99th percentile under 50 ms.",
        "The alternative is `now`, all nine steps in the request.",
    )


def carry_out(product: Product, trial: Trial) -> list[Answer]:
    """All answers; the sandboxes, with their usual workers, are there before the first customer comes."""
    made = [product.new_sandbox() for _ in range(trial.sandboxes)]
    for sandbox in made:
        sandbox.wait_for("WorkerStarted", 2)
    answers = call(product.port, [customer(trial, number, made) for number in range(trial.customers)])
    for sandbox in made:
        sandbox.http.delete(sandbox.url())
        sandbox.http.close()
    assert placed(answers), "no order was placed"
    return answers


def customer(trial: Trial, number: int, among: Sequence[Sandbox]) -> Caller:
    """They come at an even pace over the time that one `later` takes."""
    sandbox = among[number % len(among)]
    return Caller(
        path=sandbox.url("/orders"),
        method="POST",
        headers={
            "Authorization": f"Bearer {sandbox.token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        },
        body=json.dumps({"checkout": trial.checkout}),
        times=trial.orders_each,
        begins_s=WORK_S["later"] * number / trial.customers,
    )


def row(trial: Trial, answers: list[Answer], by_now: list[float]) -> list[object]:
    waits = placed(answers)
    beyond = [wait - WORK_S[trial.checkout] for wait in waits]
    return [
        f"{trial.customers:3}, `{trial.checkout}`",
        len(waits),
        len(answers) - len(waits),
        f"{figures.median(waits):.3f} s",
        figures.ms(figures.median(beyond)),
        figures.ms(figures.percentile(beyond, 99)),
        f"{figures.median(waits) / figures.median(by_now):.3f}",
    ]


def placed(answers: list[Answer]) -> list[float]:
    """The waits of the customers whose order was taken, in seconds."""
    return [answer.seconds for answer in answers if answer.status == 201]
