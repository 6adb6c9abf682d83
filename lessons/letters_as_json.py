"""Dead letters as scripts are shown them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from lessons.letters import View
from workers.dead_letters import Group, Letter
from workers.replays import Progress


def view(shown: View) -> dict[str, Any]:
    """The groups, one page of letters, and how far a replay is."""
    return {
        "count": shown.count,
        "oldest_age_s": shown.oldest_age_s,
        "groups": [_group(each) for each in shown.groups],
        "letters": [letter(each) for each in shown.found.letters],
        "total": shown.found.total,
        "page": shown.found.page,
        "pages": shown.found.pages,
        "undo": shown.undo,
        "replay": progress(shown.replay),
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
