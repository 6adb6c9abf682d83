"""The rules of the alerts: what is wrong, why that matters, and what to do. Prometheus gets the same ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workers.watch.measures import Window


@dataclass(frozen=True)
class Rule:
    """Fires once it held for `for_s` seconds; `expr` says to Prometheus what `holds` says here, and a test compares."""

    name: str
    title: str
    why: str
    remedy: str
    expr: str
    holds: Callable[[Window], bool]
    for_s: int = 0


RULES = (
    Rule(
        "QueueGrowing",
        title="The queue grows",
        why="More messages come in than go out, so each one waits longer than the one before it.",
        remedy="Add workers, or let less in until the queue has drained.",
        expr="ticketwheel_queue_depth >= 10 and ticketwheel_queue_depth > ticketwheel_queue_depth offset 10s",
        holds=lambda seen: seen.now.queue_depth >= 10 and seen.change("queue_depth", 10) > 0,
        for_s=5,
    ),
    Rule(
        "OldestTooOld",
        title="The oldest message has waited too long",
        why="A message has waited for more than ten seconds: its customer still has no e-mail and no receipt.",
        remedy="Look whether the workers are alive and at work; if they are, there are too few of them.",
        expr="ticketwheel_oldest_message_age_seconds > 10",
        holds=lambda seen: seen.now.oldest_message_age_seconds > 10,
        for_s=5,
    ),
    Rule(
        "DeadLetters",
        title="There are dead letters",
        why="Messages failed at every attempt and lie aside. Nobody tries them again by itself.",
        remedy="Read their error, mend its cause, then replay them; delete what can never succeed.",
        expr="ticketwheel_dead_letters > 0",
        holds=lambda seen: seen.now.dead_letters > 0,
    ),
    Rule(
        "WorkerDied",
        title="A worker died",
        why="A worker process ended without being asked to. What it held comes back when its time-out ends.",
        remedy="One was replaced at once. If it goes on, look what they all held when they died: one message may kill.",
        expr="increase(ticketwheel_worker_deaths_total[15s]) > 0",
        holds=lambda seen: seen.increase("worker_deaths_total", 15) > 0,
    ),
    Rule(
        "NothingTaken",
        title="Nobody takes messages",
        why="Messages have waited for more than ten seconds, nobody took one, and not every worker is at work.",
        remedy="Are there workers, and do they answer? Add one, or thaw or kill those that are stuck.",
        expr=(
            "ticketwheel_oldest_message_age_seconds > 10"
            " and increase(ticketwheel_messages_taken_total[10s]) == 0"
            " and (ticketwheel_workers_busy < ticketwheel_workers_alive or ticketwheel_workers_alive == 0)"
        ),
        holds=lambda seen: (
            seen.now.oldest_message_age_seconds > 10
            and seen.increase("messages_taken_total", 10) == 0
            and (seen.now.workers_busy < seen.now.workers_alive or seen.now.workers_alive == 0)
        ),
        for_s=2,
    ),
    Rule(
        "WorkerSilent",
        title="A worker is silent",
        why="Its process lives, but it has sent no heartbeat for more than ten seconds: it is frozen, or stuck.",
        remedy="Thaw it, or kill it: another one does its work when the time-out ends.",
        expr="ticketwheel_worker_heartbeat_age_seconds_max > 10",
        holds=lambda seen: seen.now.worker_heartbeat_age_seconds_max > 10,
    ),
)
NAMED = {rule.name: rule for rule in RULES}
