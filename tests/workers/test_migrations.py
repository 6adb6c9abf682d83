"""The migrations lead to the tables that the code uses."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from workers import database
from workers.settings import current
from workers.tables import metadata


def test_the_migrations_and_the_tables_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    current.cache_clear()
    database.forget_connections()
    try:
        database.migrate()
        with database.read() as db:
            assert compare_metadata(MigrationContext.configure(db), metadata) == []
    finally:
        database.forget_connections()
        current.cache_clear()
