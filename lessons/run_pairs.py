"""Two runs side by side under a question that was answered: a choice, and the option that holds."""

from __future__ import annotations

from dataclasses import dataclass

from lessons import experiments
from lessons.experiment_view import View
from lessons.experiments import Posed
from lessons.quiz import Option
from workers.experiments import line
from workers.experiments.line import Experiment


@dataclass(frozen=True)
class Column:
    """An option with the reader's own newest run of it, or else the last one that was recorded on this server."""

    option: Option
    mine: bool  # it is the one that she chose
    view: View | None
    recorded: View | None

    @property
    def title(self) -> str:
        if self.option.right:
            return "Your choice, and it holds" if self.mine else "The one that holds"
        return "Your choice" if self.mine else "Another choice"


@dataclass(frozen=True)
class Pair:
    """What is shown under a question: one column or two, and what else can be run."""

    posed: Posed
    chosen: Option
    columns: tuple[Column, ...]

    @property
    def begun(self) -> bool:
        return any(column.view for column in self.columns)

    @property
    def first(self) -> Option:
        """The option that the first button runs: the reader's own, the wrong one of the two."""
        return self.columns[0].option

    @property
    def others(self) -> tuple[Option, ...]:
        """The wrong options that are not shown: each can be run beside the one that holds."""
        shown = [column.option.id for column in self.columns]
        return tuple(each for each in self.posed.question.options if each.id not in shown and each.run)


def under(reader: str | None, posed: Posed, chosen: Option | None) -> Pair | None:
    """None before the reader has committed, or when nothing can be run."""
    if chosen is None or chosen.run is None:
        return None
    runs = line.of_reader(reader, posed.name) if reader else {}
    looked_at = next((option for option in runs if not _right(posed, option)), None)
    left = (posed.question.option(looked_at) if looked_at else None) or chosen
    options = (left, posed.holds) if left != posed.holds else (left,)
    return Pair(posed, chosen, tuple(_column(posed, option, chosen, runs.get(option.id)) for option in options))


def run(reader: str, posed: Posed, option: str) -> None:
    """Run an option, and the one that holds beside it. Raises what `experiments.ask` does."""
    experiments.ask(reader, posed.name, option)
    if option != posed.holds.id:
        experiments.ask(reader, posed.name, posed.holds.id)


def _column(posed: Posed, option: Option, chosen: Option, own: Experiment | None) -> Column:
    view = View(own, posed, line.place(own) if own.state == "waiting" else None) if own else None
    kept = None if own else line.latest_shown(posed.name, option.id)
    return Column(option, option == chosen, view, View(kept, posed) if kept else None)


def _right(posed: Posed, option: str) -> bool:
    return option == posed.holds.id
