"""The kinds of drills: how each fault is injected, and by what it is seen to be over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from workers import events, outages, sandboxes, veil
from workers.database import utc_now
from workers.drills.drill import LASTS_S, WORKERS, Drill
from workers.mischief import POISON
from workers.ongoing import LIVES
from workers.tables import crashes, dead_letters, freezes, orders, outbox

POISONS = 4  # this many customers have an address that no mail server takes
SURGE, SURGE_ORDERS = 6, 90  # so many times the usual customers, until so many have come
DEATH_EVERY_S = 4
DEATH_AT = "before:analytics"


@dataclass(frozen=True)
class Kind:
    """One fault; `shown_by` names the figures of which at least one betrays it (see signs)."""

    inject: Callable[[Connection, Drill], None]
    cured: Callable[[Connection, Drill], bool]
    shown_by: tuple[str, ...]
    keep_up: Callable[[Connection, Drill], None] = lambda db, drill: None


def change(db: Connection, drill: Drill, **changes: Any) -> None:
    """Change settings in the drill's name."""
    before = sandboxes.settings_of(drill.sandbox, db)
    if new := {name: value for name, value in changes.items() if before[name] != value}:
        sandboxes.set_all(db, drill.sandbox, before | new)
        events.append(drill.sandbox, events.SettingsChanged(changes=new, by=veil.DRILL), db=db)


def _workers(count: int) -> Kind:
    def inject(db: Connection, drill: Drill) -> None:
        change(db, drill, workers=count)

    def cured(db: Connection, drill: Drill) -> bool:
        return int(sandboxes.settings_of(drill.sandbox, db)["workers"]) >= max(1, WORKERS if count else 1)

    return Kind(inject, cured, ("alive",))


def _partner(how: str, *shown_by: str) -> Kind:
    def inject(db: Connection, drill: Drill) -> None:
        outages.begin_in(db, drill.sandbox, how, LASTS_S)

    def cured(db: Connection, drill: Drill) -> bool:
        return bool(sandboxes.settings_of(drill.sandbox, db)["partner"] == "up")

    return Kind(inject, cured, shown_by)


def _freeze_all(db: Connection, drill: Drill) -> None:
    """The supervisor stops the busiest first, with what they hold."""
    now = utc_now()
    until = now + timedelta(seconds=LASTS_S)
    wish = {"sandbox": drill.sandbox, "victim": "any", "state": "wished", "wished_at": now, "until": until}
    db.execute(insert(freezes), [wish] * int(sandboxes.settings_of(drill.sandbox, db)["workers"]))


def _nobody_stands(db: Connection, drill: Drill) -> bool:
    mine = freezes.c.sandbox == drill.sandbox, freezes.c.wished_at >= drill.injected_at
    wished, frozen = freezes.c.state.in_(("wished", "thaw")), (freezes.c.state == "frozen") & LIVES
    return db.execute(select(freezes.c.id).where(*mine, wished | frozen).limit(1)).first() is None


def _arm(db: Connection, drill: Drill) -> None:
    """Two deaths to come, so that there is always one that can be taken back."""
    mine = crashes.c.sandbox == drill.sandbox, crashes.c.state == "armed", crashes.c.place == DEATH_AT
    to_come = [at for (at,) in db.execute(select(crashes.c.wished_at).where(*mine))]
    start = max([utc_now(), *to_come]) + timedelta(seconds=DEATH_EVERY_S if drill.injected_at else 0)
    for place in range(2 - len(to_come)):
        at = start + timedelta(seconds=place * DEATH_EVERY_S)
        row = {"sandbox": drill.sandbox, "victim": "any", "place": DEATH_AT, "state": "armed", "wished_at": at}
        db.execute(insert(crashes).values(**row))
        events.append(drill.sandbox, events.CrashArmed(place=DEATH_AT), db=db)


def _taken_back(db: Connection, drill: Drill) -> bool:
    mine = crashes.c.sandbox == drill.sandbox, crashes.c.state == "disarmed", crashes.c.place == DEATH_AT
    return (
        db.execute(select(crashes.c.id).where(*mine, crashes.c.wished_at >= drill.injected_at).limit(1)).first()
        is not None
    )


def _arm_again(db: Connection, drill: Drill) -> None:
    if not _taken_back(db, drill):
        _arm(db, drill)


def poisons(db: Connection, drill: Drill) -> int:
    """How many of its customers with a bad address have ordered."""
    mine = orders.c.sandbox == drill.sandbox, orders.c.email == POISON, orders.c.placed_at >= drill.injected_at
    return int(db.execute(select(func.count()).select_from(orders).where(*mine)).scalar_one())


def _poison_is_gone(db: Connection, drill: Drill) -> bool:
    """All of it was deleted: a message that waits, or lies aside, is there still."""
    deleted = select(dead_letters.c.message).where(
        dead_letters.c.sandbox == drill.sandbox, dead_letters.c.deleted_at.is_not(None)
    )
    bad = select(orders.c.number).where(
        orders.c.sandbox == drill.sandbox, orders.c.email == POISON, orders.c.placed_at >= drill.injected_at
    )
    there = select(outbox.c.message).where(outbox.c.sandbox == drill.sandbox, outbox.c.closed_at.is_(None))
    rest = there.where(outbox.c.order.in_(bad), outbox.c.message.not_in(deleted)).limit(1)
    return poisons(db, drill) >= POISONS and db.execute(rest).first() is None


def surges(drill: Drill) -> bool:
    """Whether the crowd still comes."""
    if drill.injected_at is None or drill.kind != "flood":
        return False
    lasts_s = SURGE_ORDERS / (SURGE * drill.orders_per_second)
    return utc_now() < drill.injected_at + timedelta(seconds=lasts_s)


def _crowd_is_served(db: Connection, drill: Drill) -> bool:
    """More hands than before, or no crowd any more; whether they suffice, the figures say."""
    return not surges(drill) or int(sandboxes.settings_of(drill.sandbox, db)["workers"]) > WORKERS


def _by_its_customers(db: Connection, drill: Drill) -> None:
    """Nothing to set: its customers see what kind of drill it is."""


KINDS: dict[str, Kind] = {
    "frozen_workers": Kind(_freeze_all, _nobody_stands, ("silence", "stalled")),
    "no_workers": _workers(0),
    "too_few_workers": _workers(1),
    "crash_loop": Kind(_arm, _taken_back, ("deaths",), _arm_again),
    "partner_down": _partner("down", "retries"),
    "partner_slow": _partner("slow", "slow"),
    "partner_flaky": _partner("flaky", "retries"),
    "poison": Kind(_by_its_customers, _poison_is_gone, ("retries", "dead")),
    "flood": Kind(_by_its_customers, _crowd_is_served, ("in",)),
}
# Plausible, and never injected.
NEIGHBOURS = ("broker_wiped", "short_lease")


def undo(db: Connection, drill: Drill) -> None:
    """No fault is left, and every setting is what it was before the drill."""
    mine = freezes.c.sandbox == drill.sandbox
    db.execute(update(freezes).where(mine, freezes.c.state == "wished").values(state="expired"))
    db.execute(update(freezes).where(mine, freezes.c.state == "frozen").values(state="thaw"))
    armed = crashes.c.sandbox == drill.sandbox, crashes.c.state == "armed"
    db.execute(update(crashes).where(*armed).values(state="disarmed"))
    events.append(drill.sandbox, *sandboxes.end_outage(db, drill.sandbox), db=db)
    change(db, drill, **drill.before)
