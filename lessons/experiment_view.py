"""A run as a page shows it: where it stands, its deciding figure, its picture, and its events one by one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lessons import event_words, experiments
from lessons import experiment_words as words
from lessons.experiments import Posed
from lessons.labs import teller
from lessons.labs.story import Story
from lessons.lanes import moment
from lessons.quiz import Option
from lessons.run_course import Course
from workers import events as happened
from workers.events import Event
from workers.experiments import claims, line
from workers.experiments.line import Experiment, Place
from workers.trades import LABELS

AROUND = 7
FEW_ORDERS, LINES_SHOWN = 4, 9  # of more orders the picture is their number over time


@dataclass(frozen=True)
class View:
    """`at` is the event up to which the run is shown, counted from 1; None is its end."""

    run: Experiment
    posed: Posed | None  # None when the question was taken out of the course since
    place: Place | None = None
    at: int | None = None

    @property
    def option(self) -> Option | None:
        return self.posed.question.option(self.run.asked.option) if self.posed else None

    @property
    def over(self) -> bool:
        return self.run.ended_at is not None

    @property
    def figure(self) -> str | None:
        """The deciding figure, once it is measured."""
        return claims.quote(self.run.asked.scenario.figure, self._measured) if self.run.figures else None

    @property
    def says(self) -> str | None:
        return claims.quote(self.run.asked.scenario.says, self._measured) if self.run.figures else None

    @property
    def done(self) -> tuple[str, ...]:
        return words.done(self.run.asked.scenario, self.run.asked.changes)

    @property
    def changed(self) -> tuple[str, ...]:
        return tuple(words.setting(name, value) for name, value in self.run.asked.changes.items())

    @property
    def odds(self) -> float | None:
        return self.run.asked.scenario.odds

    @cached_property
    def lines(self) -> tuple[event_words.Line, ...]:
        """All of its events that say something."""
        return event_words.lines(self.run.record, self._began)

    @property
    def telling_lines(self) -> tuple[event_words.Line, ...]:
        """The last few of those that have to do with what is to be seen."""
        told = [each for each in self.lines if self._tells(self.run.record[each.number - 1])]
        return tuple(told[-LINES_SHOWN:])

    @property
    def deciding(self) -> int:
        """The number of the event that decides it: the last about a step of its measures, or the last of all."""
        shown = self.telling_lines
        about = [each for each in shown if self.run.record[each.number - 1].step in self._steps]
        return (about or shown)[-1].number if shown else 0

    @property
    def current(self) -> int:
        """Which of its lines is looked at, counted from 1; 0 is before the first."""
        return sum(self.at is None or each.number <= self.at for each in self.lines)

    @property
    def around(self) -> tuple[event_words.Line, ...]:
        """The lines before and after the one that is looked at."""
        first = max(0, min(self.current - 1 - AROUND, len(self.lines) - 2 * AROUND - 1))
        return self.lines[first : first + 2 * AROUND + 1]

    def number_of(self, place: int) -> int:
        """The event of a line, by the line's place; 0 is before the first."""
        return self.lines[place - 1].number if place else 0

    @property
    def few(self) -> bool:
        return len({event.order for event in self.run.record if event.order}) <= FEW_ORDERS

    @cached_property
    def story(self) -> Story | None:
        """The picture of a few orders: who held the message when, and what each of them did."""
        told = self.run.record[: self.at] if self.at is not None else self.run.record
        mine = [event for event in told if event.order]
        if not self.few or not mine:
            return None
        processes = [event for event in told if event.type in teller.PROCESSES]
        until = told[-1] if self.at is not None else self.run.record[-1]
        return teller.tell(mine, processes, moment(until))

    @cached_property
    def course(self) -> Course | None:
        """The picture of many messages: how many there were of each kind, over time."""
        return Course(self.run.course) if not self.few and len(self.run.course) > 1 else None

    @property
    def speed(self) -> float:
        chosen = float(self.run.asked.changes.get("speed", self.run.asked.scenario.speed))
        return int(chosen) if chosen.is_integer() else chosen

    @property
    def kept(self) -> int:
        """How many of its events are kept."""
        return len(self.run.record)

    @property
    def tag(self) -> str:
        """Changes when something that is shown changes."""
        place = f"{self.place.ahead}-{self.place.wait_s}" if self.place else ""
        return f"{self.run.id}-{self.run.state}-{place}"

    def as_json(self) -> dict[str, Any]:
        asked, run = self.run.asked, self.run
        scenario = asked.scenario.model_dump(mode="json")
        what = {"id": run.id, "question": asked.question, "option": asked.option, "state": run.state, "seed": run.seed}
        ended = {"outcome": run.outcome, "reason": run.reason, "figure": self.figure, "says": self.says}
        stands = {"place_in_line": self.place.ahead + 1, "wait_s": self.place.wait_s} if self.place else {}
        times = {name: _iso(getattr(run, name)) for name in ("asked_at", "began_at", "ended_at")}
        record = {"happened": run.events, "events": [event.as_json() for event in run.record]}
        return {**what, **ended, "place_in_line": None, "wait_s": None, **stands, **times} | {
            "figures": run.figures,
            "settings": scenario["settings"] | {"speed": asked.scenario.speed} | asked.changes,
            "changes": asked.changes,
            "acts": scenario["acts"],
            "shows": asked.scenario.shows,
            "odds": self.odds,
            **record,
        }

    @property
    def _began(self) -> float:
        """When the first customer came, or whatever came first after the scene was set."""
        first = next((event for event in self.run.record if not isinstance(event, _SCENE)), None)
        return moment(first).timestamp() if first else 0.0

    @cached_property
    def _steps(self) -> frozenset[str]:
        """The steps that its measures are about; none if they are about all."""
        named = {name.partition("@")[0].split("_")[0] for name in self.run.asked.scenario.named}
        return frozenset(named & LABELS.keys())

    def _tells(self, event: Event) -> bool:
        if isinstance(event, happened.StepFinished | happened.DuplicateSuppressed):
            return event.step in self._steps and not self._skipped(event)
        return not isinstance(event, _BESIDE)

    def _skipped(self, event: Event) -> bool:
        """A step that ended because it was left out: the line before it says so."""
        same = (event.step, event.attempt, event.order)
        return isinstance(event, happened.StepFinished) and same in self._left_out

    @cached_property
    def _left_out(self) -> frozenset[tuple[Any, ...]]:
        skips = [each for each in self.run.record if isinstance(each, happened.DuplicateSuppressed)]
        return frozenset((each.step, each.attempt, each.order) for each in skips if each.by == "sender")

    def _measured(self, name: str) -> float | None:
        return (self.run.figures or {}).get(name)


_BESIDE = (happened.CheckoutStarted, happened.OrderPlaced, happened.MessageEnqueued)
_SCENE = (happened.SettingsChanged, happened.WorkerStarted, happened.WorkerStopped)


def look(number: str, at: int | None = None) -> View:
    """A run as it is now. Raises UnknownExperiment."""
    run = experiments.run_of(number)
    place = line.place(run) if run.state == "waiting" else None
    return View(run, experiments.find(run.asked.question), place, _within(at, run.record))


def _within(at: int | None, record: tuple[Event, ...]) -> int | None:
    return None if at is None or at >= len(record) else max(0, at)


def _iso(at: Any) -> str | None:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
