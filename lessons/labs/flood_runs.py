"""The runs of the flood's lab as they were: read from the record, the tickets' rows and the samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lessons.labs import flood_words
from lessons.labs.evidence import Evidence
from lessons.labs.flood_charts import Charts, draw
from lessons.labs.record import Begun, runs_of
from lessons.labs.ticket_benches import TicketBench
from lessons.lanes import moment
from workers import events, ticket_figures
from workers.database import utc_now
from workers.events import Event, FloodEnded, FloodStarted, SettingsChanged
from workers.ticket_figures import Figures
from workers.watch.timeline import Sample, series

SHOWN = 6  # runs
AT_MOST = timedelta(seconds=150)
MEASURED_WITHIN = timedelta(seconds=2)  # a second is measured after it is over, so a run ends that much later
KNOWN_AT_MOST = 1000
SPATE_AFTER_S = 2  # by then a flood has come up
_known: dict[int, Run] = {}  # a run that is over stays as it was


@dataclass(frozen=True)
class Run:
    """One flood and what was done about it; messages are the small ones, times are in seconds."""

    number: int
    choices: dict[str, Any]
    began: datetime
    lasted_s: float
    flooded_s: float | None  # how long the flood lasted; None while it does
    analytics: Figures
    payments: Figures
    refused: dict[str, int]
    over: bool
    gave_up: bool = False
    helped_s: float | None = None  # when ten workers were called to clear what was left
    in_spate: dict[str, int] = field(default_factory=dict)  # what was counted then, by what it was about
    samples: tuple[Sample, ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        return flood_words.name(self)

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(flood_words.words(self))

    @property
    def workers(self) -> int:
        return int(self.choices["workers"])

    @property
    def answers(self) -> tuple[str, ...]:
        return tuple(answer for answer in flood_words.ANSWERS if answer in self.choices["answers"])

    @property
    def plain(self) -> bool:
        """Nothing was done about the flood, and nobody helped."""
        return not self.answers and self.helped_s is None and self.choices["payments"] == "few"

    @property
    def waiting(self) -> tuple[int, ...]:
        """Messages that were accepted and not yet done, second by second."""
        here, found = 0, []
        for sample in self.samples:
            here += sample.small_in - sample.small_out - sample.shed
            found.append(max(0, here))
        return tuple(found)

    @property
    def most_waiting(self) -> int:
        return max(self.waiting, default=0)

    @property
    def oldest_s(self) -> float:
        return max((sample.oldest_age_s or 0.0 for sample in self.samples), default=0.0)

    @property
    def memory(self) -> int:
        return max((sample.memory_bytes for sample in self.samples), default=0)

    @property
    def drained_s(self) -> float | None:
        """When the last message was done, from the beginning on."""
        end = _last_closed(self.analytics, self.payments)
        return end.timestamp() - self.began.timestamp() if self.over and not self.gave_up and end else None

    @property
    def accepted(self) -> int:
        return self.analytics.accepted + self.payments.accepted

    @property
    def done(self) -> int:
        return self.analytics.counted + self.payments.counted

    @property
    def in_per_s(self) -> float | None:
        return self.accepted / self.flooded_s if self.flooded_s else None

    @property
    def out_per_s(self) -> float | None:
        """What the workers did while the flood was in full spate."""
        if self.flooded_s is None or self.flooded_s <= SPATE_AFTER_S:
            return None
        return sum(self.in_spate.values()) / (self.flooded_s - SPATE_AFTER_S)

    @property
    def starved(self) -> bool:
        """While the flood was in full spate, payments were counted, and no page view ever was."""
        return self.in_spate.get("payments", 0) > 0 == self.in_spate.get("analytics", 0)


@dataclass(frozen=True)
class Bench(TicketBench[Run]):
    """The last runs, and the charts of the newest."""

    left: int = 0  # tickets of the newest run that nobody has done yet

    @property
    def charts(self) -> Charts | None:
        return draw(self.newest.samples, self.newest.began.timestamp(), self.newest.waiting) if self.newest else None


def look(sandbox: str | None, lab: str) -> Bench:
    """The runs of a lab, from the record of this sandbox."""
    if sandbox is None:
        return Bench()
    record = events.of_types(sandbox, ["LabStarted", "FloodStarted", "FloodEnded", "SettingsChanged"])
    begun = runs_of(lab, record, SHOWN)
    if not begun:
        return Bench()
    now = utc_now()
    runs = tuple(_run(sandbox, each, [event for event in record if each.holds(event)], now) for each in begun)
    newest = runs[-1]
    moved = f"-{newest.done}-{newest.lasted_s:.0f}" if not newest.over else ""
    return Bench(runs, f"{newest.number}-{newest.over:d}{moved}", ticket_figures.waiting(sandbox))


def _run(sandbox: str, begun: Begun, record: Sequence[Event], now: datetime) -> Run:
    number = begun.start.sequence
    if number in _known:
        return _known[number]
    run = _read(sandbox, begun, record, now)
    if run.over:
        if len(_known) >= KNOWN_AT_MOST:
            _known.clear()
        _known[number] = run
    return run


def _read(sandbox: str, begun: Begun, record: Sequence[Event], now: datetime) -> Run:
    began, until = begun.began, begun.until or now
    floods = [event for event in record if isinstance(event, FloodStarted) and event.kind != "checkout"]
    ended = [event for event in record if isinstance(event, FloodEnded) and event.kind != "checkout"]
    flooded = len(ended) >= len(floods) > 0
    last = max((moment(event) for event in ended), default=until)
    figures = ticket_figures.of_time(sandbox, began, until)
    analytics, payments = (figures.get(about, Figures()) for about in ("analytics", "payments"))
    settled = max(last, _last_closed(analytics, payments) or last)
    drained = flooded and analytics.drained and payments.drained and until > settled + MEASURED_WITHIN
    gave_up = not drained and (until > began + AT_MOST or begun.until is not None)
    measured = series(sandbox, until.timestamp(), round((until - began).total_seconds()) + 1)
    changes = [moment(event) for event in record if isinstance(event, SettingsChanged)]
    helped = [at for at in changes if at > moment(begun.start)]
    return Run(
        number=begun.start.sequence,
        choices=begun.start.choices,
        began=began,
        lasted_s=(until - began).total_seconds(),
        flooded_s=(last - began).total_seconds() if flooded else None,
        analytics=analytics,
        payments=payments,
        refused={event.kind: event.refused for event in ended},
        over=drained or gave_up,
        gave_up=gave_up,
        helped_s=(helped[0] - began).total_seconds() if helped else None,
        in_spate=ticket_figures.counted(sandbox, began + timedelta(seconds=SPATE_AFTER_S), last) if flooded else {},
        samples=tuple(sample for sample in measured if sample.second > began.timestamp()),
    )


def _last_closed(*figures: Figures) -> datetime | None:
    return max((each.last_closed_at for each in figures if each.last_closed_at), default=None)


def held_against(run: Run, choice: str) -> Evidence:
    """Whether the queue was empty with the flood, as long after it as the flood had lasted, or much later."""
    drained, flooded = run.drained_s or run.lasted_s, run.flooded_s or 0.0
    after = max(0.0, drained - flooded)
    holds = "with" if after < 2 else "as-long" if after < 2 * flooded else "longer"
    return Evidence(
        choice == holds,
        f"The flood was over after {flooded:.0f}\u00a0s with {run.most_waiting:,} messages waiting. One worker had "
        f"done the last of them {after:.0f}\u00a0s later.",
    )


def as_json(run: Run) -> dict[str, Any]:
    """What was chosen, and what was measured; small messages, and seconds."""
    about = {"analytics": run.analytics, "payments": run.payments}
    kept = ("accepted", "counted", "shed", "open", "mean_wait_s", "longest_wait_s")
    figures = {name: {key: getattr(each, key) for key in kept} for name, each in about.items()}
    measured = {"most_waiting": run.most_waiting, "oldest_s": run.oldest_s, "memory_bytes": run.memory}
    rates = {"in_per_s": run.in_per_s, "out_per_s": run.out_per_s, "starved": run.starved}
    times = {"flooded_s": run.flooded_s, "drained_s": run.drained_s, "helped_s": run.helped_s}
    ended = {"over": run.over, "gave_up": run.gave_up, "refused": run.refused}
    return {**run.choices, **figures, **measured, **rates, **times, **ended, "words": list(run.words)}
