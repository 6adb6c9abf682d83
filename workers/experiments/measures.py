"""What can be measured of a run, by name: a few words and a function of the evidence each.

Any kind of event is a measure as well: `MessageRedelivered` is how many there were. All times are in seconds of the
story: what the clock said, times the run's speed.
"""

from __future__ import annotations

from difflib import get_close_matches

from workers.event_types import Event
from workers.experiments import of_load, of_messages, of_orders
from workers.experiments.evidence import Evidence, Measures

# Name → what it is, and how it is found.
MEASURES: Measures = {**of_orders.MEASURES, **of_messages.MEASURES, **of_load.MEASURES}


def check(name: str) -> None:
    """Raises ValueError for a name, with or without a mark, that nothing measures."""
    bare = name.partition("@")[0]
    if bare not in MEASURES and bare not in Event.kinds:
        meant = get_close_matches(bare, [*MEASURES, *Event.kinds], 1)
        hint = f"did you mean {meant[0]}?" if meant else "`make keys ARGS=--measures` lists what there is"
        raise ValueError(f"nothing measures “{bare}”; {hint}")


def measure(evidence: Evidence, name: str) -> float | None:
    """The figure, or None when it is not to be told."""
    bare, _, mark = name.partition("@")
    if mark and mark not in evidence.marks:
        return None  # its act was not reached
    seen = evidence.within(mark) if mark else evidence
    return MEASURES[bare][1](seen) if bare in MEASURES else float(seen.counts[bare])
