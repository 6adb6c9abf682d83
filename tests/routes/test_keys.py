"""The answer key proves itself, in short: the options of a few questions, once; `make keys` runs all of them often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from lessons import experiments
from lessons.experiments import Posed
from tests.keys import Key, run_once, told
from tests.product import Product

AT_ONCE = 4
# Those whose runs take a few seconds. Of two more the browser's tests run two options each; `make soak` runs all.
QUICK = (
    "practice/duplicate-emails",
    "now-or-later/photo-upload",
    "idempotency/two-parcels",
    "retries/three-layers",
)
POSED = [posed if posed.name in QUICK else pytest.param(posed, marks=pytest.mark.soak) for posed in experiments.posed()]


def name_of(posed: Posed) -> str:
    return posed.name


@pytest.mark.timeout(400)
@pytest.mark.parametrize("posed", POSED, ids=name_of)
def test_every_option_shows_what_it_says(product: Product, posed: Posed) -> None:
    asked = [Key(posed, option) for option in posed.question.options]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = list(pool.map(lambda key: run_once(product, key), asked))

    for key, run in zip(asked, runs, strict=True):
        found = Key(key.posed, key.option, (run,))
        assert found.holds, told(found)


@pytest.mark.parametrize("posed", list(experiments.posed()), ids=name_of)
def test_the_options_of_a_question_are_told_apart_by_their_runs(posed: Posed) -> None:
    runs = [option.run for option in posed.question.options]

    assert all(runs)
    assert len({run.model_dump_json() for run in runs if run}) == len(runs)
