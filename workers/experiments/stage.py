"""The stage of a run: its sandbox, and what is remembered from one act to the next."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from workers.cache import Answer
from workers.database import utc_now
from workers.errors import TicketwheelError
from workers.event_types import Event
from workers.experiments import claims, evidence, measures
from workers.experiments.evidence import Evidence

LOOK_EVERY_S = 0.15


class CannotTell(TicketwheelError):
    """Something that the run needs did not come, so nothing is said about the consequence."""


@dataclass
class Stage:
    """`token` lets customers over HTTP act in the sandbox; `ends_at` is when the run has to be over (monotonic)."""

    sandbox: str
    token: str
    speed: float
    ends_at: float
    random: Random  # what the run draws, it draws from here: its seed is kept
    began: datetime = field(default_factory=utc_now)
    marks: dict[str, datetime] = field(default_factory=dict)
    asked: list[tuple[datetime, Answer]] = field(default_factory=list)
    customers: list[threading.Thread] = field(default_factory=list)
    orders: int = 0  # customers so far, so that each has an address of her own
    trouble: list[Exception] = field(default_factory=list)  # what ended a customer's thread
    record: list[Event] = field(default_factory=list)  # as far as it was read

    def look(self) -> Evidence:
        return evidence.gather(self.sandbox, self.speed, self.began, self.marks, self.asked, self.record)

    def holds(self, claim: claims.Claim) -> bool | None:
        seen = self.look()
        return claim.holds(lambda name: measures.measure(seen, name))

    def wait_for(self, so: Callable[[], bool | None], within_s: float) -> bool:
        """Whether it came in time. Raises CannotTell when the run has to be over first."""
        end = time.monotonic() + within_s
        while not so():
            if time.monotonic() > end:
                return False
            self.check()
            time.sleep(LOOK_EVERY_S)
        return True

    def pass_time(self, seconds: float) -> None:
        """Let seconds on the wall pass. Raises CannotTell when the run has to be over first."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.check()
            time.sleep(min(LOOK_EVERY_S, max(0.0, end - time.monotonic())))

    def check(self) -> None:
        if self.trouble:
            raise CannotTell(f"A customer could not be served: {self.trouble[0]}")
        if time.monotonic() > self.ends_at:
            raise CannotTell("The run took too long, and was ended.")

    def await_customers(self) -> None:
        """Wait until every customer who has come is answered."""
        for thread in self.customers:
            while thread.is_alive():
                self.check()
                thread.join(LOOK_EVERY_S)
        self.customers.clear()
        self.check()
