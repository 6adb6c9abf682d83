"""A lab's bench is tried on a fresh ledger with an empty broker, as the back of house is."""

from tests.workers.conftest import house, ledger_db, migrated, valkey

__all__ = ["house", "ledger_db", "migrated", "valkey"]
