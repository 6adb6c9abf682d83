"""The supervisor's measuring: once a second, one row for each sandbox in which something goes on."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta

from redis import Redis
from sqlalchemy import delete, select

from workers.database import begin, insert_new, utc_now
from workers.tables import partner_calls, samples, sandboxes
from workers.watch.alerts import Judge
from workers.watch.harm import Harm
from workers.watch.looks import Look, look
from workers.watch.measures import Measures, Window
from workers.watch.metrics import publish
from workers.watch.tallies import Tallies

QUIET_S = 5  # how often a sandbox is measured in which nothing moves
KEPT_S = 15 * 60
REMEMBERED_S = 25  # longer than any rule looks back, by as much as two samples may lie apart


class Meter:
    """What is remembered from one second to the next."""

    def __init__(self) -> None:
        self.tallies = Tallies()
        self.harm = Harm()
        self.judge = Judge()
        self.past: dict[str, list[Measures]] = {}
        self.begun = False

    def take(self, broker: Redis, awake: Iterable[str]) -> None:
        """Measure those in which something goes on: one question to the broker, one transaction for all."""
        named, second = set(awake), int(time.time())
        moved = {sandbox: tally for sandbox, tally in self.tallies.since_last().items() if sandbox in named}
        self._forget_all_but(named)
        self.harm.count(moved, named)
        chosen = [sandbox for sandbox in named if sandbox in moved or self._due(sandbox, second)]
        if chosen:
            self._keep([self._remember(each) for each in look(broker, chosen, second, moved, self.harm.found)])
        publish(broker, {sandbox: past[-1] for sandbox, past in self.past.items()})
        self.begun = True

    def _due(self, sandbox: str, second: int) -> bool:
        """Also where nothing moves: messages that wait grow old, and alerts are to fire and be resolved in time."""
        if sandbox not in self.past or sandbox in self.judge.troubled:
            return True
        last = self.past[sandbox][-1]
        return last.queue_depth > 0 or second - last.second >= QUIET_S

    def _forget_all_but(self, named: set[str]) -> None:
        self.past = {sandbox: past for sandbox, past in self.past.items() if sandbox in named}
        self.judge.forget_all_but(named)

    def _remember(self, seen: Look) -> Look:
        past = self.past.get(seen.sandbox) or self._before_it_woke(seen.second)
        recent = [measures for measures in past if seen.second - measures.second <= REMEMBERED_S]
        self.past[seen.sandbox] = [*recent, seen.measures(past[-1] if past else Measures(seen.second))]
        return seen

    def _before_it_woke(self, second: int) -> list[Measures]:
        """Nothing, so that what happens in the first second counts; at our own start we do not know what was before."""
        return [Measures(second - 1)] if self.begun else []

    def _keep(self, seen: list[Look]) -> None:
        rows = {each.sandbox: {"sandbox": each.sandbox, **asdict(each.sample)} for each in seen}
        with begin() as db:
            here = list(db.execute(select(sandboxes.c.id).where(sandboxes.c.id.in_(rows))).scalars())  # still
            insert_new(db, samples, [rows[sandbox] for sandbox in here])
            self.judge.judge(db, {sandbox: Window(self.past[sandbox]) for sandbox in here})


def forget_the_old() -> None:
    """Forget what was measured, and who called the partner, more than a quarter of an hour ago."""
    with begin() as db:
        db.execute(delete(samples).where(samples.c.second < time.time() - KEPT_S))
        db.execute(delete(partner_calls).where(partner_calls.c.at < utc_now() - timedelta(seconds=KEPT_S)))
