"""What Prometheus is told of each sandbox that is awake, under a name that does not tell its id."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from redis import Redis

from workers.connections import BrokerAway, broker
from workers.settings import current
from workers.watch.measures import HELP, Measures

KEY = "ticketwheel:measures"
KEPT_S = 30


def publish(at: Redis, newest: Mapping[str, Measures]) -> None:
    """Leave the supervisor's newest measures where the web processes find them, if anybody may ask for them."""
    if current().metrics:
        labs = {lab_of(sandbox): asdict(measures) for sandbox, measures in newest.items()}
        at.set(KEY, json.dumps(labs), ex=KEPT_S)


class Labs:
    """Prometheus's collector of what the supervisor has published; nothing while it or the broker is away."""

    def collect(self) -> Iterator[Metric]:
        labs = _published()
        for name, words in HELP.items():
            family = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
            metric = family(f"ticketwheel_{name}", words, labels=["lab"])
            for lab, measures in labs.items():
                metric.add_metric([lab], measures[name])
            yield metric


def lab_of(sandbox: str) -> str:
    """A name for dashboards; nobody gets from it to the sandbox, whose id is a key."""
    return hmac.new(current().secret_key.encode(), f"lab {sandbox}".encode(), hashlib.sha256).hexdigest()[:10]


def _published() -> dict[str, dict[str, float]]:
    try:
        found = broker().get(KEY)
    except BrokerAway:
        return {}
    labs: dict[str, dict[str, float]] = json.loads(found) if found else {}
    return labs
