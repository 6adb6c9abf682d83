"""The tasks of a lab: what to do, and the events by which a task ticks itself off."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from lessons.toml_files import Schema, Text
from workers import events
from workers.events import Event


def _in_the_record(event: str) -> str:
    if event not in Event.kinds:
        meant = get_close_matches(event, Event.kinds, 1)
        raise ValueError(f"names no event; did you mean {meant[0]}?" if meant else "names no event")
    return event


class Happening(Schema):
    """An event of the reader's record, with these values among its own, a lab's choices and changed settings."""

    event: Annotated[str, AfterValidator(_in_the_record)]
    where: dict[str, str | int | float] = Field(default_factory=dict)
    times: Annotated[int, Field(ge=1)] = 1

    def is_in(self, record: list[Event]) -> bool:
        alike = [event for event in record if event.type == self.event and self._fits(_said(event))]
        return len(alike) >= self.times

    def _fits(self, said: dict[str, Any]) -> bool:
        return all(said.get(name) == value for name, value in self.where.items())


class Task(Schema):
    """What the reader is asked to do; one that nobody can see from outside has no `done`."""

    text: Text
    done: tuple[Happening, ...] = ()


def ticks(sandbox: str | None, tasks: tuple[Task, ...]) -> tuple[bool | None, ...]:
    """For each task whether all of its events have happened; None for one that has none."""
    types = {happening.event for task in tasks for happening in task.done}
    record = events.of_types(sandbox, types) if sandbox and types else []
    return tuple(all(each.is_in(record) for each in task.done) if task.done else None for task in tasks)


def _said(event: Event) -> dict[str, Any]:
    said = event.as_json()
    nested: dict[str, Any] = said.get("choices", {}) | said.get("changes", {})
    return said | nested
