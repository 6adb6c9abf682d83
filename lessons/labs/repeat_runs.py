"""One run of the repeat lab: the chosen strategy and key, its orders, and what has become of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from lessons.labs import deliveries, scripts
from lessons.labs.deliveries import Table
from lessons.labs.scripts import Script
from lessons.lanes import moment
from workers import commitments, events, history, judges
from workers.database import utc_now
from workers.events import Event
from workers.idempotency import memory
from workers.idempotency.interleavings import Counts, Schedule, count, schedules
from workers.idempotency.keys import KEYS
from workers.idempotency.memory import Entry
from workers.idempotency.strategies import STRATEGIES
from workers.judges import Verdict

LAB, NEWEST, STEP = "repeat-runs", "newest", "email"
QUIET = timedelta(seconds=0.4)
# What is delivered again comes within the time-out; and a worker that was let go on is soon at its next action.
MOVES_ON_WITHIN = timedelta(seconds=12)


@dataclass(frozen=True)
class Choice:
    """A strategy, a key, and the script that is played: "free", "counter", or a schedule's number."""

    strategy: str = "check_then_mark"
    key: str = "order"
    script: str = "free"
    orders: tuple[int, ...] = ()

    def encode(self) -> str:
        return f"{list(STRATEGIES).index(self.strategy)}.{list(KEYS).index(self.key)}.{self.script}." + "-".join(
            map(str, self.orders)
        )

    @classmethod
    def decode(cls, text: str) -> Choice:
        strategy, key, script, orders = text.split(".")
        numbers = tuple(map(int, orders.split("-"))) if orders else ()
        return cls(list(STRATEGIES)[int(strategy)], list(KEYS)[int(key)], script, numbers)


@dataclass(frozen=True)
class Run:
    """A choice and what is recorded of its orders."""

    choice: Choice
    record: tuple[Event, ...]
    verdicts: tuple[Verdict, ...]
    now: datetime
    senders: tuple[Entry, ...] = ()  # what they remember of the e-mail
    mail_server: tuple[str, ...] = ()
    inbox: Sequence[dict[str, object]] = field(default_factory=tuple)

    @cached_property
    def table(self) -> Table:
        return deliveries.read(self.record)

    @cached_property
    def script(self) -> Script | None:
        found = scripts.find(self.choice.strategy, self.choice.key, self.choice.script)
        return scripts.follow(found, self.table.moves) if found else None

    @cached_property
    def over(self) -> bool:
        """True when nobody has anything left to do."""
        if any(hand.live for hand in self.table.hands) or not self.table.hands:
            return False
        return self.table.acknowledged == set(self.choice.orders) and self._still_for > QUIET

    @property
    def settled(self) -> bool:
        """Nobody is between two actions, and no message is on its way back."""
        return bool(self.table.hands) and not self.table.at_work and self.table.to_come <= 0

    @property
    def moving(self) -> bool:
        """Something is about to happen of which no button says when."""
        goes_on = self.table.at_work or self.table.to_come > 0 or not self.table.standing
        return not self.over and goes_on and self._still_for < MOVES_ON_WITHIN

    @property
    def outcome(self) -> str:
        """What it comes to, as the checker calls it; lost is worse than repeated."""
        emails = [verdict.emails for verdict in self.verdicts]
        return "lost" if 0 in emails else "repeated" if max(emails, default=0) > 1 else "right"

    @property
    def _still_for(self) -> timedelta:
        return self.now - max((moment(event) for event in self.record), default=self.now)


@dataclass(frozen=True)
class Counted:
    """The checker's counts of one strategy: without a crash, and with one and a claim that ends too early."""

    strategy: str
    calm: Counts
    rough: Counts


def counted(key: str) -> tuple[Counted, ...]:
    return tuple(Counted(name, count(name, key, 0, 0), count(name, key)) for name in STRATEGIES)


def without_a_crash(choice: Choice) -> list[Schedule]:
    return schedules(choice.strategy, choice.key)


def keep(sandbox: str, choice: Choice) -> None:
    commitments.commit(sandbox, LAB, NEWEST, choice.encode())


def kept(sandbox: str) -> Choice | None:
    """The newest run's choice."""
    text = commitments.of_lab(sandbox, LAB).get(NEWEST)
    return Choice.decode(text) if text else None


def newest(sandbox: str) -> Run | None:
    """The newest run as it is now."""
    choice = kept(sandbox)
    if choice is None:
        return None
    record = tuple(events.of_orders(sandbox, choice.orders))
    began = moment(record[0]) if record else utc_now()
    mails = [mail for mail in history.inbox(sandbox) if mail["order"] in choice.orders]
    server = memory.of_mail_server(sandbox) if choice.strategy == "receiver" else ()
    return Run(
        choice,
        record,
        judges.of_orders(sandbox, choice.orders),
        utc_now(),
        memory.of_senders(sandbox, STEP, began),
        _since(server, choice),
        mails,
    )


def _since(server: tuple[str, ...], choice: Choice) -> tuple[str, ...]:
    """Of the mail server's memory what this run can have put there; a random key says nothing of its order."""
    mine = {f"{STEP}:{order}" for order in choice.orders}
    return tuple(key for key in server if choice.key != "order" or key in mine)[-4:]
