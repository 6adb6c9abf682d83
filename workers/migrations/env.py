"""Alembic's way in: it migrates the ledger that the settings name."""

from __future__ import annotations

from alembic import context

from workers.database import begin
from workers.tables import metadata

with begin() as db:
    context.configure(connection=db, target_metadata=metadata, transactional_ddl=False)
    context.run_migrations()
