"""Alembic's way in: it migrates the ledger that the settings name."""

from __future__ import annotations

from alembic import context

from workers.database import begin, in_commit_order
from workers.tables import metadata

with begin() as db:
    in_commit_order(db)  # one host migrates, another that starts at the same time waits for it
    context.configure(connection=db, target_metadata=metadata, transactional_ddl=False)
    context.run_migrations()
