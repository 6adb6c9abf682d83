"""The score of a drill: for its name and for the time until it was mended; a reader's own, and never ranked."""

from __future__ import annotations

from dataclasses import dataclass

from workers.drills.drill import Drill

MOST = 6
SOON_S, LATER_S = 60, 120


@dataclass(frozen=True)
class Score:
    """Up to three points for the name, which each guess makes dearer, and up to three for the time to mend."""

    name: int
    mend: int

    @property
    def points(self) -> int:
        return self.name + self.mend


def of(drill: Drill) -> Score:
    return Score(_for_name(drill), _for_mend(drill.mended_after_s))


def _for_name(drill: Drill) -> int:
    return max(1, 4 - len(drill.guesses)) if drill.named_at else 0


def _for_mend(after_s: float | None) -> int:
    if after_s is None:
        return 0
    return 3 if after_s <= SOON_S else 2 if after_s <= LATER_S else 1
