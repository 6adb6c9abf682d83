"""The settings that there are: their defaults, what each takes, and what it does not."""

from __future__ import annotations

from typing import Any

DEFAULTS = {
    "workers": 2,
    "speed": 1,
    "acknowledge": "late",
    "visibility_timeout_s": 8,
    "lease_renewal": True,
    "attempts": 3,
    "backoff": "exponential",
    "idempotency": "off",
    "idempotency_key": "order",
    "fencing": False,
    "handover": "outbox",
    "partner": "up",
    "request_slots": 64,
    "pool_size": 50,
    "cache": "none",
    "backpressure": "none",
    "queue_limit": 100,
    "low_share": 0,
    "shed_after_s": 5,
}
ALLOWED: dict[str, tuple[Any, ...]] = {
    "speed": (0.5, 1, 2, 4, 10, 2.0),
    "visibility_timeout_s": (2, 60),
    "idempotency": ("off", "check_then_mark", "claim_first", "claim_with_lease", "receiver"),
    "idempotency_key": ("order", "email_address", "random"),
    "fencing": (True, False),
    "handover": ("outbox", "commit_then_enqueue", "enqueue_then_commit"),
    "workers": (0, 12),
    "acknowledge": ("early", "late"),
    "lease_renewal": (False, True),
    "attempts": (1, 10),
    "backoff": ("none", "fixed", "exponential", "exponential_jitter"),
    "partner": ("up", "slow", "flaky", "down"),
    "pool_size": (1, 50),
    "cache": ("none", "expiring", "warm"),
    "backpressure": ("none", "reject", "prioritise", "shed", "reject+shed", "reject+prioritise+shed"),
    "queue_limit": (10, 3000),
    "low_share": (0, 0.1, 0.2, 0.5),
    "shed_after_s": (1, 60),
}
BAD = [
    *[("workers", value) for value in (-1, 13, 10**30, 1.5, "2", True, None, [2], {"n": 2})],
    *[("speed", value) for value in (0, -1, 3, 0.51, 10.1, 1e308, "1", True, None, [1])],
    *[("visibility_timeout_s", value) for value in (1, 61, 0, -8, 8.5, "8", False, None)],
    *[("acknowledge", value) for value in ("never", "LATE", "", None, 1)],
    *[("lease_renewal", value) for value in ("on", "true", "", None, 0, 1)],
    *[("attempts", value) for value in (0, 11, -1, 2.5, "3", True, None)],
    *[("backoff", value) for value in ("linear", "Fixed", "", None, 2)],
    *[("idempotency", value) for value in ("check-then-mark", "RECEIVER", "on", "", None, 0, ["off"])],
    *[("idempotency_key", value) for value in ("order_number", "Order", "", None, 1, ["order"])],
    *[("fencing", value) for value in ("on", "true", "", None, 1, 0, [True])],
    *[("handover", value) for value in ("both", "Outbox", "", None, 1, True)],
    *[("pool_size", value) for value in (0, 51, -1, 2.5, "5", True, None)],
    *[("backpressure", value) for value in ("", "none+shed", "shed+reject", "reject+reject", "all", None, ["shed"])],
    *[("queue_limit", value) for value in (0, 9, 3001, 1.5, "100", None)],
    *[("low_share", value) for value in (1, -0.1, 0.3, "0.1", None)],
    *[("shed_after_s", value) for value in (0, 61, 1.5, None)],
    *[("cache", value) for value in ("hot", "", None, True)],
    *[("partner", value) for value in ("broken", "UP", "", None, 1, True)],
]
# Settings of later issues; each has its contract and is not there yet.
LATER = {"circuit_breaker": True}
