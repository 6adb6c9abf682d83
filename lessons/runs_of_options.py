"""What can be wrong with the run of an option: in its settings, in its marks, in its length, or that there is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from lessons.faults import Fault
from lessons.settings_form import SettingsForm
from lessons.toml_files import RUN, TomlFile
from lessons.toml_lines import Place
from workers.experiments.scenario import Scenario, Set

MOST_LINES = 30
SETTINGS = "The README has a table of the settings of a sandbox."


def faults_of(file: TomlFile[Any], place: Place, scenario: Scenario | None) -> Iterator[Fault]:
    """`place` is the option's."""
    here = (*place, RUN)
    if scenario is None:
        yield file.fault(place, "has nothing to run", "Say in a table `run` what shows its consequence.")
        return
    for said in scenario.faults():
        yield file.fault(here, said, 'Begin the stretch with `{ do = "mark", name = … }`.')
    for settings in (scenario.settings, *(act.settings for act in scenario.acts if isinstance(act, Set))):
        yield from _faults_of_settings(file, here, settings)
    length = file.lines.length(here)
    if length > MOST_LINES:
        yield file.fault(here, f"has {length} lines", f"Say it in {MOST_LINES} at most.")


def _faults_of_settings(file: TomlFile[Any], here: Place, settings: dict[str, object]) -> Iterator[Fault]:
    try:
        SettingsForm.model_validate(settings, strict=True)
    except ValidationError as error:
        for problem in error.errors():
            name = ".".join(map(str, problem["loc"]))
            yield file.fault((*here, "settings"), f"sets {name}: {problem['msg']}", SETTINGS)
