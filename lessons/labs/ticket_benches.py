"""What the labs of lesson 7 have in common: runs of tickets, one at a time, and the newest last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from workers import limits, sandboxes, ticket_figures
from workers.errors import OverLimit


class TicketRun(Protocol):
    @property
    def over(self) -> bool: ...


Run = TypeVar("Run", bound=TicketRun)


@dataclass(frozen=True)
class TicketBench(Generic[Run]):
    """What such a lab's template is given: the last runs, the newest last."""

    runs: tuple[Run, ...] = ()
    seen: str = ""

    @property
    def newest(self) -> Run | None:
        return self.runs[-1] if self.runs else None

    @property
    def running(self) -> bool:
        return any(not run.over for run in self.runs)

    @property
    def version(self) -> str:
        return self.seen


def check_idle(sandbox: str, bench: TicketBench[Run], remedy: str = "; wait until they are done") -> None:
    """Raises OverLimit while a run goes on or tickets are left, and when there was too much chaos."""
    limits.check_chaos(sandbox)
    left = ticket_figures.waiting(sandbox)
    if left or bench.running:
        raise OverLimit("runs at a time", 1, f"{left} tickets are left{remedy}")


def set_the_scene(sandbox: str, workers: int) -> None:
    """So many workers, at the story's speed, and nothing is done about a flood."""
    sandboxes.change(sandbox, {"workers": workers, "speed": 1, "backpressure": "none"}, by="lab")
