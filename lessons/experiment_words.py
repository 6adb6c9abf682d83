"""A run in words: what was set and done to the shop, from its scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from workers.experiments import scenario as said
from workers.experiments.scenario import Scenario
from workers.sandboxes import DEFAULTS
from workers.trades import LABELS

# What is ordered, one of it and more.
TRADES = {
    "checkout": ("order", "orders"),
    "photo": ("photo", "photos"),
    "video": ("film", "films"),
    "report": ("yearly report", "yearly reports"),
    "teapot": ("order of the last teapot", "orders of the last teapot"),
}


def done(scenario: Scenario, changes: dict[str, Any]) -> tuple[str, ...]:
    """What was set, and what was done, in a few words each."""
    settings = {name: value for name, value in scenario.settings.items() if value != DEFAULTS[name]} | changes
    found = [setting(name, value) for name, value in settings.items()]
    done = [(words, len([*times])) for words, times in groupby(words for act in scenario.acts for words in _act(act))]
    return (*found, *(words if times == 1 else f"{words}, {times} times" for words, times in done))


def setting(name: str, value: Any) -> str:
    """A setting as people say it: “visibility time-out 4 s”, “lease renewal off”."""
    word = name.removesuffix("_s").replace("_", " ").replace("timeout", "time-out")
    shown = {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value
    unit = "\u00a0s" if name.endswith("_s") else ""
    return f"{word} {str(shown).replace('_', ' ')}{unit}"


def step(name: str | None) -> str:
    return LABELS.get(name or "", name or "")


def _act(act: Any) -> Iterator[str]:
    words = ACTS.get(type(act))
    if words and (text := words(act)):
        yield text


def _placed(act: said.Place) -> str:
    one_of_it, more_of_it = TRADES[act.trade]
    many = f"{act.orders} {more_of_it}" if act.orders > 1 else f"1 {one_of_it}"
    one = ", all by one customer" if act.customer == "same" and act.orders > 1 else ""
    paced = f", one every {act.every_s:g}\u00a0s" if act.every_s and act.orders > 1 else ""
    refused = ", for somebody who may not see it" if act.trade == "report" else ", with a declined card"
    declined = refused if act.card == "declined" else ""
    if act.checkout == "now":
        how = ", everything in the request"
    elif act.later is not None:
        how = f", left for later: {', '.join(map(step, act.later)) or 'nothing'}"
    else:
        how = ""
    return f"{many}{one}{paced}{declined}{how}"


def _many(count: int, word: str) -> str:
    return f"1 {word}" if count == 1 else f"{count} {word}s"


def _crashed(act: said.Crash) -> str:
    victim = "the checkout" if act.victim == "checkout" else "a worker"
    return f"kill −9 for {victim}{'' if act.at == 'now' else f', {_place(act.at)}'}"


def _place(place: str) -> str:
    where, _, name = place.partition(":")
    fixed = {
        "between": "between its two writes",
        "before_ack": "before it acknowledges",
        "anywhere": "at a drawn place",
    }
    return fixed.get(place) or f"{where} “{step(name)}”"


def _flooded(act: said.Flood) -> str:
    what = "customers" if act.kind == "checkout" else f"small messages about {act.kind}"
    uneven = ", unevenly" if act.at_random else ""
    return f"{act.per_second:,} {what} a second for {act.seconds}\u00a0s{uneven}{LOOKUPS.get(act.lookup or '', '')}"


def _poisoned(act: said.Poison) -> str:
    return "a message that always fails" if act.kind == "error" else "a message that kills its worker"


LOOKUPS = {
    "one": ", each of which needs an answer of a slow server",
    "parallel": ", each of which needs an answer of a slow server that gives ten at a time",
    "cached": ", with the answers of a slow server kept",
}
PLACES = {
    "between": "between its two writes",
    "before_ack": "before it acknowledges",
    "anywhere": "at a place that is drawn",
}
PLAIN = {
    "end_hold": "nobody is held any more",
    "wipe": "the broker forgets everything",
    "forget": "the receivers forget their keys",
    "unclaim": "the workers’ keys and claims are deleted",
    "replay": "all dead letters are replayed",
    "compare": "dead letters that the partner has on its list are deleted",
    "delete": "all dead letters are deleted",
    "cool": "the cache is emptied",
    "stop_flood": "the flood is stopped",
    "readdress": "every customer corrects the e-mail address of her order",
}
ACTS: dict[type[Any], Callable[[Any], str]] = {
    said.Place: _placed,
    said.Batch: lambda act: f"{_many(act.orders, 'order')} in one piece, of which only the call to the partner is left",
    said.Poison: lambda act: (
        "a message that always fails" if act.kind == "error" else "a message that kills its worker"
    ),
    said.Crash: _crashed,
    said.Freeze: lambda act: f"a worker is frozen{'' if act.at == 'now' else f', {_place(act.at)}'}",
    said.Thaw: lambda act: "frozen workers go on",
    said.Duplicate: lambda act: "every message once more" if act.which == "all" else "its message once more",
    said.Set: lambda act: ", ".join(f"then {setting(name, value)}" for name, value in act.settings.items()),
    said.Flood: _flooded,
    said.Hold: lambda act: f"workers stand before each action of “{step(act.step)}”",
    said.Go: lambda act: f"delivery {act.delivery} takes {act.actions} of its actions",
    said.Ask: lambda act: f"{act.visitors} visitors ask for the list",
    said.Repair: lambda act: "the address of each dead letter is corrected",
    said.Plain: lambda act: PLAIN[act.do],
    said.Pause: lambda act: f"{act.seconds:g}\u00a0s pass",
}
