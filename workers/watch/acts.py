"""What the reader and the breaker did to her sandbox, in a few words: for the lines drawn through every chart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import select

from workers.database import read
from workers.tables import event_log, replays

MOST = 1000
# Kind → how one is told, and how several in one second are; `what` names the worker, the rate, the setting.
WORDS = {
    "crash": ("{what} killed", "{count} workers killed"),
    "freeze": ("{what} frozen", "{count} workers frozen"),
    "thaw": ("{what} thawed", "{count} workers thawed"),
    "flood": ("flood, {what} a second", "flood, {what} a second"),
    "poison": ("poison", "{count} poisons"),
    "duplicate": ("duplicate", "{count} duplicates"),
    "outage": ("partner {what}", "partner {what}"),
    "wipe": ("broker wiped", "broker wiped"),
    "replay": ("1 replayed", "{count} replayed"),
    "deletion": ("1 deleted", "{count} deleted"),
    "restoration": ("1 restored", "{count} restored"),
    "settings": ("{what}", "{what}"),
    "calm": ("calm", "calm"),
    "drill": ("{what}", "{what}"),
    "circuit": ("circuit {what}", "circuit {what}"),
    "batch": ("1 order at once", "{count} orders at once"),
    "repair": ("1 repaired", "{count} repaired"),
}
KINDS = {
    "WorkerCrashed": "crash",
    "WorkerFrozen": "freeze",
    "WorkerThawed": "thaw",
    "FloodStarted": "flood",
    "PoisonPlaced": "poison",
    "MessageRedelivered": "duplicate",
    "OutageStarted": "outage",
    "OutageEnded": "outage",
    "BrokerWiped": "wipe",
    "DeadLettersDeleted": "deletion",
    "DeadLettersRestored": "restoration",
    "SettingsChanged": "settings",
    "CalmRestored": "calm",
    "DrillStarted": "drill",
    "DrillFaultInjected": "drill",
    "DrillMended": "drill",
    "DrillEnded": "drill",
    "CircuitOpened": "circuit",
    "CircuitHalfOpened": "circuit",
    "CircuitClosed": "circuit",
    "BatchPlaced": "batch",
    "DeadLetterRepaired": "repair",
}
SETTINGS = {"visibility_timeout_s": "time-out {} s"}
_OF_CALM = frozenset({"settings", "thaw", "outage", "circuit"})


@dataclass(frozen=True)
class Act:
    """Something that the reader did; `kind` is a key of WORDS."""

    at: datetime
    kind: str
    label: str


@dataclass(frozen=True)
class _Done:
    at: datetime
    kind: str
    what: str = ""
    count: int = 1


def acts(sandbox: str, since: float, until: float) -> tuple[Act, ...]:
    """What was done between two moments (seconds since 1970), oldest first; many of a kind in one second are one."""
    between = datetime.fromtimestamp(since, UTC), datetime.fromtimestamp(until, UTC)
    done = sorted([*_from_events(sandbox, *between), *_from_replays(sandbox, *between)], key=_second_and_kind)
    told = [_told(list(same)) for _, same in groupby(_without_parts_of_calm(done), _second_and_kind)]
    return tuple(sorted(told, key=lambda act: act.at))


def _from_events(sandbox: str, since: datetime, until: datetime) -> Iterator[_Done]:
    log = event_log.c
    mine = log.sandbox == sandbox, log.type.in_(KINDS), log.at > since, log.at <= until, log.drill.is_(None)
    newest = select(log.at, log.type, log.worker, log.details).where(*mine).order_by(log.at.desc()).limit(MOST)
    with read() as db:
        rows = list(db.execute(newest))
    rows = [row for row in rows if row.details.get("by") != "drill"]  # the drill's own line tells of it
    # Not every message that comes back was brought back by the reader.
    return (_done(row) for row in rows if row.details.get("reason", "duplicated") == "duplicated")


def _from_replays(sandbox: str, since: datetime, until: datetime) -> Iterator[_Done]:
    """From their own table: a replay of ten thousand is ten thousand events."""
    mine = replays.c.sandbox == sandbox, replays.c.started_at > since, replays.c.started_at <= until
    with read() as db:
        rows = list(db.execute(select(replays.c.started_at, replays.c.replayed).where(*mine, replays.c.replayed > 0)))
    return (_Done(row.started_at, "replay", count=row.replayed) for row in rows)


def _done(row: Any) -> _Done:
    details = row.details
    what = {
        "FloodStarted": details.get("per_second"),
        "OutageStarted": details.get("partner"),
        "OutageEnded": "up",
        "CircuitOpened": "open",
        "CircuitHalfOpened": "half open",
        "CircuitClosed": "closed",
        "SettingsChanged": ", ".join(map(_setting, details.get("changes", {}).items())),
        "DrillStarted": "drill begins",
        "DrillFaultInjected": f"drill: {str(details.get('kind', '')).replace('_', ' ')}",
        "DrillMended": "mended",
        "DrillEnded": "drill over",
    }.get(row.type, row.worker)
    return _Done(row.at, KINDS[row.type], str(what), details.get("count", 1))


def _setting(change: tuple[str, Any]) -> str:
    name, value = change
    if isinstance(value, bool):
        value = "on" if value else "off"
    shown = f"{value:g}" if isinstance(value, float) else value
    return SETTINGS.get(name, name.replace("_", " ") + " {}").format(shown)


def _without_parts_of_calm(done: Iterable[_Done]) -> Iterator[_Done]:
    """Calm also thaws, heals and changes settings; it is one act."""
    known = list(done)
    calm = [each.at for each in known if each.kind == "calm"]
    for each in known:
        if each.kind not in _OF_CALM or all(abs(each.at - at) > timedelta(seconds=1) for at in calm):
            yield each


def _told(same: list[_Done]) -> Act:
    count = sum(each.count for each in same)
    one, many = WORDS[same[0].kind]
    what = ", ".join(dict.fromkeys(each.what for each in same))
    return Act(same[0].at, same[0].kind, (one if count == 1 else many).format(what=what, count=f"{count:,}"))


def _second_and_kind(done: _Done) -> tuple[int, str]:
    return int(done.at.timestamp()), done.kind
