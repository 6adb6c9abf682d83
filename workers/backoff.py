"""How long a message waits for its next try."""

from __future__ import annotations

import random
from collections.abc import Callable

FIXED_S, LONGEST_S = 2.0, 60.0

# The pause after so many failures, in real seconds.
BACKOFFS: dict[str, Callable[[int], float]] = {
    "none": lambda failures: 0.0,
    "fixed": lambda failures: FIXED_S,
    "exponential": lambda failures: min(LONGEST_S, 2.0 ** (failures - 1)),
    "exponential_jitter": lambda failures: random.uniform(0, BACKOFFS["exponential"](failures)),
}
