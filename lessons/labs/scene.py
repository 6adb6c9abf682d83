"""The settings of a shop that does nothing unusual: what a lab begins with, whatever another lab has left."""

from __future__ import annotations

from workers.sandboxes import DEFAULTS

# Each lab says itself how many hands it needs and how fast they are; an outage of the partner has an end of its own.
_KEPT = ("workers", "speed", "partner")
PLAIN = {name: value for name, value in DEFAULTS.items() if name not in _KEPT}
