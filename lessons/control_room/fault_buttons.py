"""The buttons of the control room that break something: what they send, their keys, and what happens in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Choice:
    """One button; pressed, it adds its own field to those of its form."""

    label: str
    name: str = ""
    value: str = ""
    key: str = ""


@dataclass(frozen=True)
class Fault:
    """One thing that can be done to the lab, as a form with a button for each size of it."""

    name: str
    title: str
    words: str
    endpoint: str
    choices: tuple[Choice, ...]
    fields: Mapping[str, str] = field(default_factory=dict)
    part: str = ""  # the section that holds its button, where that is not always the same


FAULTS = (
    Fault(
        "crash",
        "Crash a worker",
        "SIGKILL to a real process. What it held comes back when its lease ends.",
        "chaos.crash",
        (
            Choice("Now", "at", "now", "c"),
            Choice("Half-way", "at", "before:analytics"),
            Choice("Before its ack", "at", "before_ack"),
        ),
    ),
    Fault(
        "freeze",
        "Freeze a worker",
        "SIGSTOP: it lives and does nothing, until it thaws by itself.",
        "chaos.freeze",
        (Choice("5 s", "seconds", "5"), Choice("20 s", "seconds", "20", "f")),
    ),
    Fault(
        "flood",
        "Flood the shop",
        "Twenty customers a second, each a real request.",
        "chaos.flood",
        (Choice("5 s", "seconds", "5", "l"), Choice("20 s", "seconds", "20")),
        {"per_second": "20"},
    ),
    Fault(
        "outage",
        "Trouble at the partner",
        "Its web server answers late, at random with 503, or always. It heals after 20 s.",
        "chaos.outage",
        (
            Choice("Slow", "partner", "slow"),
            Choice("Flaky", "partner", "flaky"),
            Choice("Down", "partner", "down", "o"),
        ),
        {"seconds": "20"},
    ),
    Fault(
        "poison",
        "Poison the queue",
        "An order whose e-mail the mail server refuses, or whose receipt ends its worker (SIGSEGV), every time.",
        "chaos.poison",
        (Choice("Poison", "kind", "error", "p"), Choice("Deadly", "kind", "deadly")),
    ),
    Fault(
        "duplicate",
        "Deliver twice",
        "The message of an order is put on the queue once more.",
        "chaos.duplicate",
        (),
        part="again",
    ),
    Fault(
        "wipe",
        "Wipe the broker",
        "It forgets this lab. The audit brings every open message back.",
        "chaos.wipe",
        (Choice("Wipe it", key="w"),),
    ),
    Fault(
        "order",
        "Place an order",
        "One customer, who waits for two steps, or for all nine.",
        "orders.place",
        (Choice("Later", "checkout", "later", "e"), Choice("Now", "checkout", "now")),
    ),
)
