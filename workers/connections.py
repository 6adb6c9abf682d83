"""Connections to the broker, opened when they are first needed and never inherited by a fork."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any

from redis import ConnectionPool, Redis
from redis.exceptions import RedisError as BrokerAway
from redis.maint_notifications import MaintNotificationsConfig

from workers.settings import current

__all__ = ["BrokerAway", "broker", "forget_connections", "new_client", "round_trips"]

_asked = threading.local()


@lru_cache
def broker() -> Redis:
    """This process's client; its pool grows with the threads that use it."""
    return new_client()


def new_client() -> Redis:
    """A client of its own, for a worker process: RQ changes its pool's socket time-out."""
    quiet = MaintNotificationsConfig(enabled=False)  # with driver_info=None it makes a connect 2.5 times as fast
    pool = _CountingPool.from_url(
        current().broker, maint_notifications_config=quiet, driver_info=None, max_connections=400
    )
    return Redis.from_pool(pool)


def round_trips() -> int:
    """How often this thread has asked the broker so far: a command, or a whole pipeline, is one."""
    return getattr(_asked, "times", 0)


def forget_connections() -> None:
    broker.cache_clear()


class _CountingPool(ConnectionPool):
    """A connection is taken from the pool once for each question."""

    def get_connection(self, *args: Any, **options: Any) -> Any:
        _asked.times = round_trips() + 1
        return super().get_connection(*args, **options)
