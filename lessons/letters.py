"""Dead letters as scripts are shown them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from workers import dead_letters, deletions, replays
from workers.dead_letters import Group, Letter
from workers.replays import Progress


def overview(sandbox: str, group: str | None, search: str, page: int) -> dict[str, Any]:
    """The groups, one page of letters, and how far a replay is."""
    found = dead_letters.page(sandbox, group, search, page)
    return {
        "count": dead_letters.count(sandbox),
        "oldest_age_s": dead_letters.oldest_age_s(sandbox),
        "groups": [_group(each) for each in dead_letters.groups(sandbox, search)],
        "letters": [letter(each) for each in found.letters],
        "total": found.total,
        "page": found.page,
        "pages": found.pages,
        "undo": deletions.count_undoable(sandbox),
        "replay": progress(replays.progress(sandbox)),
    }


def letter(known: Letter) -> dict[str, Any]:
    """One letter; an opened one with its traceback and payload."""
    return {name: _told(value) for name, value in asdict(known).items()}


def progress(known: Progress | None) -> dict[str, Any] | None:
    """How far a replay is; null before the first."""
    return asdict(known) if known else None


def _group(known: Group) -> dict[str, Any]:
    seen = {"first_seen": _told(known.first_seen), "last_seen": _told(known.last_seen)}
    return {"name": known.name, "count": known.count, **seen, "sample": letter(known.sample)}


def _told(value: Any) -> Any:
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z") if isinstance(value, datetime) else value
