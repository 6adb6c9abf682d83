"""The true story of a drill that is over: what came when, what showed it, and what its reader did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lessons.charts import drawing
from lessons.charts.drawing import Drawing
from lessons.drill_words import HOW, SIGNS, WORDS, Words
from workers import events
from workers.drills.drill import WORKERS, Drill
from workers.watch import timeline
from workers.watch.alerts import NAMED

AXES_S = (60, 120, 300, 600)
ACTS = ("SettingsChanged", "WorkerThawed", "OutageEnded", "DeadLettersDeleted", "MessageReplayed", "AlertFired")


@dataclass(frozen=True)
class Moment:
    """One line of the story; `kind` is "drill", "fault", "sign", "alert", "said", "did" or "good"."""

    at: datetime
    kind: str
    words: str
    after_s: float | None = None  # since the fault came


@dataclass(frozen=True)
class Story:
    """`drawing` is None once the measurements are forgotten, after a quarter of an hour."""

    moments: tuple[Moment, ...]
    words: Words
    first_sign: Moment | None
    drawing: Drawing | None

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {"at": each.at.isoformat(timespec="milliseconds"), "kind": each.kind, "words": each.words}
            for each in self.moments
        ]


def of(drill: Drill) -> Story:
    """Everything about a drill that is over, in the order in which it happened."""
    signs = _signs(drill)
    told = sorted([*_course_of(drill), *signs, *_recorded(drill)], key=lambda each: each.at)
    moments = tuple(_since(each, drill.injected_at) for each in told)
    first = min(signs, key=lambda each: each.at, default=None)
    shown = _since(first, drill.injected_at) if first else None
    return Story(moments, WORDS[drill.kind], shown, _drawing(drill))


def _course_of(drill: Drill) -> list[Moment]:
    """What the drill itself wrote down."""
    begins = f"The drill began: {WORKERS} workers, and a customer every {1 / drill.orders_per_second:g} s."
    found = [Moment(drill.started_at, "drill", begins)]
    found += [Moment(drill.injected_at, "fault", WORDS[drill.kind].injected)] if drill.injected_at else []
    found += [Moment(each.at, "said", _guessed(each.guess, each.right)) for each in drill.guesses]
    found += [Moment(drill.cured_at, "good", "The fault itself was over.")] if drill.cured_at else []
    found += [Moment(drill.mended_at, "good", "Customers were served again: mended.")] if drill.mended_at else []
    ending = HOW.get(drill.how or "", "")
    return found + ([Moment(drill.ended_at, "drill", f"The drill was over. {ending}")] if drill.ended_at else [])


def _guessed(guess: str, right: bool) -> str:
    return f"You said: “{WORDS[guess].name}”. That {'was it' if right else 'was not it'}."


def _signs(drill: Drill) -> list[Moment]:
    return [Moment(datetime.fromisoformat(at), "sign", SIGNS[name]) for name, at in (drill.signs or {}).items()]


def _recorded(drill: Drill) -> list[Moment]:
    """Alerts, and what the reader did, from the record; what only ended because the drill did is left out."""
    until = drill.ended_at or drill.ends_at
    record = events.between(drill.sandbox, drill.injected_at or drill.started_at, until, ACTS)
    told = [Moment(event.at, *said) for event in record if event.at and (said := _words(event))]
    return list({(it.words, int(it.at.timestamp())): it for it in reversed(told)}.values())


def _words(event: events.Event) -> tuple[str, str] | None:
    match event:
        case events.AlertFired():
            return ("alert", f"Alert: {NAMED[event.rule].title}.") if event.rule in NAMED else None
        case events.SettingsChanged(by="visitor"):
            changes = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in event.changes.items())
            return "did", f"You changed a setting: {changes}."
        case events.WorkerThawed():
            return "did", f"{event.worker} went on."
        case events.OutageEnded():
            return "did", "You mended the partner."
        case events.DeadLettersDeleted():
            return "did", f"You deleted {event.count} dead letters."
        case events.MessageReplayed():
            return "did", "You replayed dead letters."
    return None


def _since(moment: Moment, injected_at: datetime | None) -> Moment:
    after_s = round((moment.at - injected_at).total_seconds(), 1) if injected_at else None
    return Moment(moment.at, moment.kind, moment.words, after_s)


def _drawing(drill: Drill) -> Drawing | None:
    end = drill.ended_at or drill.ends_at
    lasted_s = (end - drill.started_at).total_seconds()
    seconds = next((length for length in AXES_S if length >= lasted_s), AXES_S[-1])
    until = end.timestamp()
    series = timeline.series(drill.sandbox, until, seconds)
    if not series:
        return None
    acts = timeline.acts(drill.sandbox, until - seconds, until + 0.5)
    return drawing.draw(series, acts, until, seconds, live=False)
