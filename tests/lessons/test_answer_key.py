"""What `make keys` has found is told of an option only as long as the option says the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lessons import answer_key, experiments
from lessons.answer_key import Proven
from lessons.experiments import Posed
from lessons.quiz import Option
from tests.keys import Key, holds, keys
from workers.experiments.scenario import Scenario


@pytest.fixture
def herd() -> tuple[Posed, Option, Scenario]:
    posed = experiments.find("practice/herd")
    assert posed
    option = posed.question.options[0]
    assert option.run
    return posed, option, option.run


def found(monkeypatch: pytest.MonkeyPatch, name: str, proven: Proven) -> None:
    monkeypatch.setattr(answer_key, "kept", lambda: {name: proven})


def test_runs_of_the_same_scenario_prove_it(
    herd: tuple[Posed, Option, Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    posed, option, scenario = herd
    proven = Proven(20, 20, "12 calls", "2026-11-26", scenario.digest)
    found(monkeypatch, f"{posed.name}/{option.id}", proven)

    assert answer_key.proven(posed, option) == proven
    assert not Key(posed, option).missing


@pytest.mark.parametrize("changed", [{"scenario": "0123456789"}, {"of": 19, "held": 19}, {"held": 3}], ids=str)
def test_another_scenario_too_few_runs_or_too_few_that_held_are_run_anew(
    herd: tuple[Posed, Option, Scenario], monkeypatch: pytest.MonkeyPatch, changed: dict[str, str | int]
) -> None:
    posed, option, scenario = herd
    proven = Proven(20, 20, "12 calls", "2026-11-26", scenario.digest)
    found(monkeypatch, f"{posed.name}/{option.id}", replace(proven, **changed))  # type: ignore[arg-type]

    assert Key(posed, option).missing


def test_a_scenario_has_another_digest_when_it_says_anything_else(herd: tuple[Posed, Option, Scenario]) -> None:
    _, _, scenario = herd

    assert scenario.digest == scenario.model_copy().digest
    assert scenario.digest != scenario.model_copy(update={"speed": 4.0}).digest


@pytest.mark.parametrize(
    ("odds", "held", "of", "holding"),
    [(None, 20, 20, True), (None, 19, 20, False), (0.95, 17, 20, True), (0.95, 15, 20, False), (0.5, 4, 20, True)],
)
def test_without_odds_it_holds_each_time_and_with_them_not_too_seldom(
    odds: float | None, held: int, of: int, holding: bool
) -> None:
    assert holds(odds, held, of) is holding


def test_what_is_kept_has_held() -> None:
    for posed in experiments.posed():
        for option in posed.question.options:
            proven = answer_key.proven(posed, option)
            if proven and option.run:
                assert holds(option.run.odds, proven.held, proven.of), f"{posed.name}/{option.id}"


def test_every_option_of_every_question_has_been_proven_as_it_now_is() -> None:
    """Who changes a scenario runs `make keys ARGS=--missing`."""
    assert [key.name for key in keys() if key.missing] == []


def test_the_readme_counts_questions_options_and_runs() -> None:
    readme, held = Path("README.md").read_text(encoding="utf-8"), answer_key.kept().values()

    questions, options = len(list(experiments.posed())), len(list(keys()))
    assert f"All {options} options of the {questions} questions" in readme
    assert f"{sum(each.of for each in held):,} runs, {sum(each.held for each in held):,} of which" in readme
