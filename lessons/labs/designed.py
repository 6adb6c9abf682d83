"""One run of a designed checkout as the lab shows it: her wait, a bar for each step, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from lessons import axis, lanes
from lessons.axis import Axis
from lessons.labs import consequences
from lessons.labs.consequences import THINGS, Consequence, Facts, seconds
from lessons.labs.designs import Design
from lessons.lanes import Segment
from workers.attempts import Step
from workers.checkout import STEPS
from workers.events import Event, MessageAcknowledged

SPEED = 4
# A run that has not ended by then is left alone: its workers were sent home, or the product was stopped.
AT_MOST = timedelta(minutes=2)
WHEEL = "its message on the wheel"


@dataclass(frozen=True)
class Row:
    """The bars of one step, and its seconds; a step that has not begun has a planned bar."""

    label: str
    tone: str  # "customer" | "worker" | "waiting"
    spans: tuple[Segment, ...]

    @property
    def state(self) -> str:
        return self.spans[-1].state

    @property
    def seconds(self) -> str:
        """How long it took, or is expected to take."""
        return seconds(sum(span.seconds for span in self.spans))


@dataclass(frozen=True)
class Run:
    """A design and what is recorded of its order; seconds are those of the story: measured, times the speed."""

    design: Design
    record: tuple[Event, ...]
    now: datetime

    @cached_property
    def facts(self) -> Facts:
        return Facts.of(self.record, SPEED)

    @property
    def outcome(self) -> str | None:
        return self.facts.outcome

    @property
    def order(self) -> int | None:
        return self.record[0].order

    @property
    def name(self) -> str:
        """The design in a few words: what is done now, or the shorter list of what is done later."""
        now = [step.name for step in self.design.now]
        if not now or not self.design.later:
            return "everything now" if now else "everything later"
        if len(now) <= len(self.design.later):
            return f"now: {_words(now)}"
        return f"later: {_words(self.design.later)}"

    @property
    def at(self) -> str | None:
        """The step that the customer waits for at this moment."""
        running = (s.label for s in self._stretches if s.state == "running" and s.column == "customer")
        return next(running, None)

    @cached_property
    def over(self) -> bool:
        """True when nothing more will happen to the order."""
        if self.outcome == "success" and self.design.later:
            return any(isinstance(event, MessageAcknowledged) for event in self.record) or self._abandoned
        return self.outcome is not None or self._abandoned

    @property
    def waited_s(self) -> float:
        """Her wait, as she has had it so far."""
        return self.facts.waited if self.outcome else self._elapsed_s

    @property
    def wait(self) -> str:
        return seconds(self.waited_s)

    @property
    def planned(self) -> str:
        """What she would wait by the story's figures alone."""
        return seconds(self.design.planned_s) if self.design.now else "no time"

    @property
    def by_the_clock(self) -> str:
        """Her wait as a clock on the wall shows it."""
        by_the_clock = self.waited_s / SPEED
        return f"{by_the_clock:.{2 if by_the_clock >= 0.0095 else 3}f}\u00a0s"

    @cached_property
    def consequences(self) -> tuple[Consequence, ...]:
        return consequences.told(self.design.later, self.facts) if self.over else ()

    @property
    def broke(self) -> str:
        return consequences.broke(self.consequences)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The steps in the order in which this design does them, and the wait between the two hands."""
        done = [_in_story_seconds(s) for s in self._stretches]
        now, later = self.design.now, [step for step in STEPS if step.name in self.design.later]
        rows = [_row(step, "customer", done) for step in now]
        rows += [Row(WHEEL, "waiting", (s,)) for s in done if s.kind == "wheel"]
        rows += [_row(step, "worker", done) for step in later]
        return tuple(self._planned(rows))

    @cached_property
    def axis(self) -> Axis:
        return axis.fit(0, max([self.waited_s, 1.0, *(span.end for row in self.rows for span in row.spans)]))

    @property
    def _stretches(self) -> Sequence[Segment]:
        return [s for s in lanes.lay_out(self.record, SPEED, self.now) if s.state != "planned"]

    @property
    def _elapsed_s(self) -> float:
        return (self.now - lanes.moment(self.record[0])).total_seconds() * SPEED

    @property
    def _abandoned(self) -> bool:
        return self._elapsed_s > AT_MOST.total_seconds() * SPEED

    def _planned(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows with a planned bar for each step that is still to come."""
        if self.over:
            return [row for row in rows if row.spans]
        at = max((span.expected for row in rows for span in row.spans), default=0.0)
        planned_s = {step.label: step.seconds for step in STEPS}
        planned = []
        for row in rows:
            bars = row.spans or (Segment("step", "planned", row.tone, row.label, at, at + planned_s[row.label]),)
            at = max(at, bars[-1].end)
            planned.append(replace(row, spans=bars))
        return planned


def _words(names: Sequence[str]) -> str:
    return ", ".join(THINGS[name].removeprefix("the ") for name in names)


def _row(step: Step, tone: str, stretches: Sequence[Segment]) -> Row:
    return Row(step.label, tone, tuple(s for s in stretches if s.kind == "step" and s.step == step.name))


def _in_story_seconds(segment: Segment) -> Segment:
    start, end, expected = (value * SPEED for value in (segment.start, segment.end, segment.expected))
    return replace(segment, start=start, end=end, expected=expected)
