"""The ten minutes up to a moment, and what the control room draws of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from lessons.charts import drawing
from lessons.charts.drawing import Charts, Spark
from workers.watch import timeline
from workers.watch.timeline import Act, Sample


@dataclass(frozen=True)
class History:
    """What was measured and done; it is drawn once."""

    until: int  # seconds since 1970
    series: tuple[Sample, ...] = ()
    acts: tuple[Act, ...] = ()
    live: bool = True  # its end is now

    @cached_property
    def sparks(self) -> dict[str, Spark]:
        return drawing.sparks(self.series, self._drawn_until)

    @cached_property
    def forecast(self) -> str:
        return timeline.forecast(self.series) if self.series else ""

    @cached_property
    def charts(self) -> Charts:
        return drawing.draw(self.series, self.acts, self._drawn_until, live=self.live)

    @property
    def _drawn_until(self) -> float:
        """A little later, so that the axis has room for what was done since the last sample."""
        return self.until + 0.5
