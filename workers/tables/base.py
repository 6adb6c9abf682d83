"""How a table of ours is made."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, text

from workers.database import UtcDateTime

metadata = MetaData()


def table(name: str, *columns: Column[Any] | Index, **options: Any) -> Table:
    return Table(name, metadata, *columns, **options)


def effect(name: str, *columns: Column[Any]) -> Table:
    """A step's real effect: one row each time that it happens, so that repeats can be counted."""
    return table(
        name,
        Column("id", Integer, primary_key=True),
        Column("sandbox", String(20), nullable=False),
        Column("order", Integer, nullable=False),
        Column("at", UtcDateTime, nullable=False),
        *columns,
        Index(f"{name}_by_order", "sandbox", "order"),
    )


def partly(condition: str) -> dict[str, Any]:
    """For an index over some rows only; a query uses it if it states the very same condition, without parameters."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
