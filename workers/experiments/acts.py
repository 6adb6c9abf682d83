"""The acts of a scenario, each a few lines that do to the run's sandbox what a reader could do to hers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from sqlalchemy import delete, exists, select

from workers import (
    batches,
    cache,
    deletions,
    fleet,
    floods,
    freezes,
    holds,
    mischief,
    placing,
    repairs,
    replays,
    sandboxes,
    wipes,
)
from workers.chosen import Chosen
from workers.connections import broker
from workers.database import begin, read, utc_now
from workers.errors import CheckoutDied, HouseFull, OverLimit, PartMissing, Refusal, StepUnavailable
from workers.experiments import claims
from workers.experiments import scenario as said
from workers.experiments.stage import CannotTell, Stage
from workers.idempotency import seen
from workers.shop.orders import Order
from workers.tables import dead_letters as letters
from workers.tables import deliveries, effects_seen

HELD_S, STANDS_WITHIN_S = 60, 15.0
ALL = Chosen(all=True)
# What a customer may meet in a checkout: it is in the record, and no trouble of the run.
MET = (Refusal, CheckoutDied, OverLimit, PartMissing, StepUnavailable)


def do(stage: Stage, act: said.Act) -> None:
    """Do one act, and wait for it as far as it says so. Raises CannotTell, and what the act itself raises."""
    stage.check()
    ACTS[type(act)](stage, act)


def _place(stage: Stage, act: said.Place) -> None:
    for number in range(act.orders):
        if number and act.every_s:
            stage.pass_time(act.every_s / stage.speed)
        stage.orders += 1
        email = "ada@example.com" if act.customer == "same" else f"customer-{stage.orders}@example.com"
        order = Order(stage.sandbox, 0, email, act.checkout, act.card, later=act.later, trade=act.trade)
        customer = threading.Thread(target=_customer, args=(stage, order), daemon=True)
        customer.start()
        stage.customers.append(customer)
    if act.wait:
        stage.await_customers()


def _customer(stage: Stage, order: Order) -> None:
    try:
        placing.place(order, time.monotonic())
    except HouseFull as full:
        stage.trouble.append(full)
    except MET:
        return
    except Exception as error:  # noqa: BLE001 (a thread has nobody to raise it to; the stage does)
        stage.trouble.append(error)


def _batch(stage: Stage, act: said.Batch) -> None:
    batches.send(batches.prepare(stage.sandbox, act.orders))


def _poison(stage: Stage, act: said.Poison) -> None:
    mischief.place_poison(stage.sandbox, time.monotonic(), act.kind)


def _crash(stage: Stage, act: said.Crash) -> None:
    victim = act.victim if act.delivery is None else _at_delivery(stage, act.delivery)
    place = stage.random.choice(fleet.PLACES[1:]) if act.at == said.ANYWHERE else act.at
    fleet.wish_crash(stage.sandbox, victim, place)


def _freeze(stage: Stage, act: said.Freeze) -> None:
    freezes.wish(stage.sandbox, "any", act.seconds, act.at)


def _thaw(stage: Stage, act: said.Thaw) -> None:
    freezes.wish_thaw(stage.sandbox)


def _duplicate(stage: Stage, act: said.Duplicate) -> None:
    recorded = stage.look().recorded
    for order in recorded if act.which == "all" else recorded[-1:]:
        mischief.duplicate(stage.sandbox, order)


def _set(stage: Stage, act: said.Set) -> None:
    sandboxes.change(stage.sandbox, act.settings)


def _flood(stage: Stage, act: said.Flood) -> None:
    tens = floods.Manner(10, act.at_random, act.work_ms, act.lookup)
    manner = None if act.kind == "checkout" else tens
    floods.start(stage.sandbox, act.per_second, act.seconds, stage.token, kind=act.kind, manner=manner)


def _hold(stage: Stage, act: said.Hold) -> None:
    holds.start(stage.sandbox, act.step, HELD_S)


def _go(stage: Stage, act: said.Go) -> None:
    for _ in range(act.actions):
        holds.step(stage.sandbox, _at_delivery(stage, act.delivery))


def _at_delivery(stage: Stage, number: int) -> str:
    """The worker that stands, in the deliveries' order the one with this number."""

    def standing() -> dict[int, str]:
        return {each.delivery: each.worker for each in holds.standing(stage.sandbox)}

    if not stage.wait_for(lambda: number in standing(), STANDS_WITHIN_S):
        raise CannotTell(f"Nobody stood at delivery {number} in time.")
    return standing()[number]


def _ask(stage: Stage, act: said.Ask) -> None:
    for number in range(act.visitors):
        if number and act.every_s:
            stage.pass_time(act.every_s / stage.speed)
        visitor = threading.Thread(target=_visitor, args=(stage,), daemon=True)
        visitor.start()
        stage.customers.append(visitor)
    stage.await_customers()


def _visitor(stage: Stage) -> None:
    came = utc_now()
    try:
        stage.asked.append((came, cache.ask(stage.sandbox, nullcontext)))
    except Exception as error:  # noqa: BLE001 (as for a customer)
        stage.trouble.append(error)


def _repair(stage: Stage, act: said.Repair) -> None:
    mine = select(letters.c.message).where(*ALL.conditions(stage.sandbox))
    with read() as db:
        named = list(db.execute(mine).scalars())
    for message in named:
        repairs.correct_email(stage.sandbox, message, "ada@example.com")


def _plain(stage: Stage, act: said.Plain) -> None:
    PLAIN[act.do](stage.sandbox)


def _forget(sandbox: str) -> None:
    with begin() as db:
        db.execute(delete(effects_seen).where(effects_seen.c.sandbox == sandbox))


def _compare(sandbox: str) -> None:
    arrived = exists().where(deliveries.c.sandbox == sandbox, deliveries.c.order == letters.c.order)
    with read() as db:
        done = list(db.execute(select(letters.c.message).where(*ALL.conditions(sandbox), arrived)).scalars())
    deletions.remove(sandbox, Chosen(messages=tuple(done)))
    deletions.purge_now(sandbox)


def _delete(sandbox: str) -> None:
    deletions.remove(sandbox, ALL)
    deletions.purge_now(sandbox)


def _until(stage: Stage, act: said.Until) -> None:
    claim = claims.parse(act.so)
    if not stage.wait_for(lambda: stage.holds(claim), act.within_s) and act.otherwise == "cannot tell":
        raise CannotTell(f"“{act.so}” did not come within {act.within_s:g} s.")


def _pause(stage: Stage, act: said.Pause) -> None:
    stage.pass_time(act.seconds / stage.speed)


def _mark(stage: Stage, act: said.Mark) -> None:
    stage.marks[act.name] = utc_now()


PLAIN: dict[str, Callable[[str], object]] = {
    "end_hold": holds.end,
    "wipe": wipes.wipe,
    "forget": _forget,
    "unclaim": lambda sandbox: seen.forget(broker(), sandbox),
    "replay": lambda sandbox: replays.replay(sandbox, ALL),
    "compare": _compare,
    "delete": _delete,
    "cool": cache.forget,
    "readdress": repairs.readdress,
    "stop_flood": floods.stop,
}
ACTS: dict[type[Any], Callable[[Stage, Any], None]] = {
    said.Place: _place,
    said.Batch: _batch,
    said.Poison: _poison,
    said.Crash: _crash,
    said.Freeze: _freeze,
    said.Thaw: _thaw,
    said.Duplicate: _duplicate,
    said.Set: _set,
    said.Flood: _flood,
    said.Hold: _hold,
    said.Go: _go,
    said.Ask: _ask,
    said.Repair: _repair,
    said.Plain: _plain,
    said.Until: _until,
    said.Pause: _pause,
    said.Mark: _mark,
}
