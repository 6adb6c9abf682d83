"""The answer key as a page: for each option what its run shows, and how often it did, twenty times and ever since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from lessons import experiments
from lessons.experiments import Posed
from lessons.quiz import Option
from workers.experiments import line
from workers.experiments.line import Tally

FILE = Path(__file__).with_name("keys.json")  # written by `make keys`


@dataclass(frozen=True)
class Proven:
    """What `make keys` found for an option: its consequence held in so many of so many runs of this scenario."""

    held: int
    of: int
    figure: str  # of the last run
    on: str  # the day, as 2026-11-26
    scenario: str  # its digest


@dataclass(frozen=True)
class Row:
    option: Option
    proven: Proven | None
    here: Tally | None  # the readers' own runs on this server


@dataclass(frozen=True)
class Section:
    """One question; `told` is false while the reader has yet to answer it, and then its key stays where it is."""

    posed: Posed
    told: bool
    rows: tuple[Row, ...]

    @property
    def held(self) -> int:
        return sum(row.proven.held for row in self.rows if row.proven)

    @property
    def of(self) -> int:
        return sum(row.proven.of for row in self.rows if row.proven)


@dataclass(frozen=True)
class Report:
    sections: tuple[Section, ...]

    @property
    def on(self) -> date | None:
        """The last day on which an option was run by `make keys`."""
        days = [row.proven.on for section in self.sections for row in section.rows if row.proven]
        return date.fromisoformat(max(days)) if days else None

    @property
    def options(self) -> int:
        return sum(len(section.rows) for section in self.sections)

    @property
    def held(self) -> int:
        return sum(section.held for section in self.sections)

    @property
    def of(self) -> int:
        return sum(section.of for section in self.sections)

    def as_json(self) -> dict[str, Any]:
        """Without what would give a key away."""
        counts = {"questions": len(self.sections), "options": self.options, "held": self.held, "of": self.of}
        return counts | {
            "on": self.on.isoformat() if self.on else None,
            "report": [_section(section) for section in self.sections],
        }


def report(reader: str | None) -> Report:
    """All questions, as far as this reader may be told."""
    here = line.tallies()
    return Report(tuple(_read(posed, experiments.committed(reader, posed), here) for posed in experiments.posed()))


def proven(posed: Posed, option: Option) -> Proven | None:
    """What was found for an option as it now is; None if its scenario says something else since, or was never run."""
    found = kept().get(f"{posed.name}/{option.id}")
    return found if found and option.run and found.scenario == option.run.digest else None


def _read(posed: Posed, told: bool, here: Mapping[tuple[str, str], Tally]) -> Section:
    options = posed.question.options
    rows = (Row(option, proven(posed, option), here.get((posed.name, option.id))) for option in options)
    return Section(posed, told, tuple(rows))


def _section(section: Section) -> dict[str, Any]:
    known = {"question": section.posed.name, "answered": section.told, "held": section.held, "of": section.of}
    if not section.told:
        return known
    rows = [
        {
            "option": row.option.id,
            "shows": row.option.run.shows if row.option.run else None,
            "held": row.proven.held if row.proven else None,
            "of": row.proven.of if row.proven else None,
            "figure": row.proven.figure if row.proven else None,
        }
        for row in section.rows
    ]
    return known | {"options": rows}


@cache
def kept() -> dict[str, Proven]:
    """What `make keys` has written, by the names of questions and options; nothing before its first run."""
    found = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    return {name: Proven(**each) for name, each in found.items()}
