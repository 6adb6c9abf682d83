"""What a worker does with a ticket: drop it if it is too old, or count what it carries, in the story's time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from workers import backpressure, tickets, visitors
from workers.messages import CountEvents

# Taking a message and recording its end are part of its time, so who takes one after the other works that much less
# on the next; a longer pause is a pause.
LATE_AT_MOST_S = 0.02


class Counter:
    """One worker's pace: when the ticket before was to end."""

    def __init__(self, worker: str) -> None:
        self.worker = worker
        self.due = 0.0

    def count(self, message: CountEvents, settings: Mapping[str, Any]) -> None:
        """Do all that a ticket asks for; its effect and its end are one transaction."""
        began, waited_s = time.monotonic(), max(0.0, time.time() - message.sent_at)
        if backpressure.sheds(settings, message.low, waited_s):
            tickets.shed(message, self.worker, float(settings["shed_after_s"]))
            return
        speed, outside_s = float(settings["speed"]), 0.0
        if message.lookup:
            outside_s = visitors.ask(message.sandbox, message.events, message.lookup, speed)
        ready = began + outside_s
        at_once = ready - self.due <= LATE_AT_MOST_S
        self.due = (self.due if at_once else ready) + _work_s(message) / speed
        time.sleep(max(0.0, self.due - time.monotonic()))
        tickets.close(message, self.worker, waited_s, time.monotonic() - began, outside_s)


def _work_s(message: CountEvents) -> float:
    """Seconds of the story."""
    return len(message.events) * tickets.SMALL_S if message.work_ms is None else message.work_ms / 1000
