"""Which dead letters a look or an act is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_

from workers.tables import dead_letters as letters


@dataclass(frozen=True)
class Chosen:
    """Which letters an act is about: all of them, a group, or some by name; a search narrows the first two."""

    all: bool = False
    group: str | None = None
    messages: tuple[str, ...] = ()
    search: str = ""

    def conditions(self, sandbox: str) -> tuple[Any, ...]:
        """What is true of the rows of these letters, among those that are not deleted."""
        mine = (letters.c.sandbox == sandbox, letters.c.deleted_at.is_(None))
        if self.messages:
            return (*mine, letters.c.message.in_(self.messages))
        if not self.all and self.group is None:
            return (*mine, letters.c.message.in_(()))
        grouped = () if self.group is None else (letters.c.error_group == self.group,)
        return (*mine, *grouped, *_matching(self.search))


def _matching(search: str) -> tuple[Any, ...]:
    """Letters that hold the words of the search: in their error, its kind, their id, or as the order's number."""
    wanted = search.strip().lower()
    if not wanted:
        return ()
    texts = (letters.c.error, letters.c.error_group, letters.c.message)
    found = [func.lower(column).contains(wanted, autoescape=True) for column in texts]
    number = [letters.c.order == int(wanted)] if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else []
    return (or_(*found, *number),)
