"""The ten minutes up to a moment, and what the control room draws of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from lessons.charts import drawing
from lessons.charts.drawing import Drawing, Spark
from workers.watch import timeline
from workers.watch.timeline import Act, Sample

AXES_S = (120, 300, 600)


@dataclass(frozen=True)
class History:
    """What was measured and done; it is drawn once."""

    until: int  # seconds since 1970
    series: tuple[Sample, ...] = ()
    acts: tuple[Act, ...] = ()
    live: bool = True  # its end is now

    @cached_property
    def sparks(self) -> dict[str, Spark]:
        by_turns = self.live and self.seconds > AXES_S[0]  # short lines cost little, and are looked at most
        return drawing.sparks(self.series, self._drawn_until, self.seconds, by_turns)

    @cached_property
    def forecast(self) -> str:
        return timeline.forecast(self.series) if self.series else ""

    @cached_property
    def drawing(self) -> Drawing:
        return drawing.draw(self.series, self.acts, self._drawn_until, self.seconds, self.live)

    @property
    def seconds(self) -> int:
        """How long the axis is: ten minutes, but no longer than there was something to see."""
        known = self.until - self.series[0].second if self.series else 0
        return next((length for length in AXES_S if length >= known), AXES_S[-1])

    @property
    def _drawn_until(self) -> float:
        """A little later, so that the axis has room for what was done since the last sample."""
        return self.until + 0.5
