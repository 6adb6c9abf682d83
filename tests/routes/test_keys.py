"""The answer key proves itself, in short: one question of each lesson; `make keys` runs them all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from lessons import experiments
from lessons.experiments import Posed
from tests.keys import Key, run_once, told
from tests.product import Product

AT_ONCE = 4


def first_of_each_place() -> list[Posed]:
    places: dict[str, Posed] = {}
    for posed in experiments.posed():
        places.setdefault(posed.where, posed)
    return list(places.values())


@pytest.fixture(scope="module")
def keys(product: Product) -> dict[str, Key]:
    """Every option of these questions, run once."""
    asked = [Key(posed, option) for posed in first_of_each_place() for option in posed.question.options if option.run]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = list(pool.map(lambda key: run_once(product, key), asked))
    return {key.name: Key(key.posed, key.option, (run,)) for key, run in zip(asked, runs, strict=True)}


@pytest.mark.soak
@pytest.mark.timeout(400)
@pytest.mark.parametrize("posed", first_of_each_place(), ids=lambda posed: posed.name)
def test_every_option_shows_what_it_says(keys: dict[str, Key], posed: Posed) -> None:
    for option in (each for each in posed.question.options if each.run):
        key = keys[f"{posed.name}/{option.id}"]
        assert key.holds, told(key)


@pytest.mark.parametrize("posed", list(experiments.posed()), ids=lambda posed: posed.name)
def test_the_options_of_a_question_are_told_apart_by_their_runs(posed: Posed) -> None:
    runs = [option.run for option in posed.question.options if option.run]

    assert len({run.model_dump_json() for run in runs}) == len(runs)
