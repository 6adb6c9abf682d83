"""RQ's worker without what nobody here needs, so that a message costs less."""

from __future__ import annotations

import time

from redis.client import Pipeline
from rq import SimpleWorker

HEARTBEATS_APART_S = 0.1


class LeanWorker(SimpleWorker):
    """Works in its own process, and leaves maintenance and commands to the supervisor."""

    _said_at = float("-inf")

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Say that it lives, unless that was said a moment ago.

        RQ asks for it four times a message, three of them in three round trips each: a quarter of a small message.
        """
        if pipeline is None and time.monotonic() - self._said_at < HEARTBEATS_APART_S:
            return
        super().heartbeat(timeout, pipeline)
        self._said_at = time.monotonic()

    def run_maintenance_tasks(self) -> None:
        """None: the supervisor's reaper does it, for all queues, without RQ's lock that a kill leaves behind."""

    def subscribe(self) -> None:
        """No pub/sub commands, so no thread and no connection for them."""

    def unsubscribe(self) -> None:
        """Nothing to leave."""
