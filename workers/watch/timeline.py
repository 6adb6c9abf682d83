"""What the control room shows over time: what was measured, what the reader did meanwhile, and what will come of it."""

from __future__ import annotations

from workers.watch.acts import Act, acts
from workers.watch.forecast import forecast, rates
from workers.watch.series import LONGEST_HOLE_S, TEN_MINUTES_S, Sample, series

__all__ = ["LONGEST_HOLE_S", "TEN_MINUTES_S", "Act", "Sample", "acts", "forecast", "rates", "series"]
