"""Playing a run of the repeat lab: workers that stand before each action of the e-mail, moved one at a time."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from lessons import slots
from lessons.labs import deliveries, repeat_runs, scripts
from lessons.labs.repeat_runs import STEP, Choice
from lessons.labs.scene import PLAIN
from lessons.lanes import moment
from workers import events, fleet, freezes, holds, limits, mischief, placing, sandboxes
from workers.database import utc_now
from workers.errors import NobodyStands
from workers.idempotency import memory
from workers.idempotency.interleavings import Move
from workers.shop.orders import Order

SPEED, WORKERS, TIME_OUT_S = 10, 2, 2
HELD_S, EXTENDED_BELOW = 120, timedelta(seconds=60)
STANDS_WITHIN_S, COMES_BACK_WITHIN_S, PLAYS_FOR_S = 10.0, 8.0, 40.0


def begin(sandbox: str, choice: Choice) -> None:
    """Place the order, deliver it twice, and let both workers stand before their first action.

    With the customer's address as the key there are two orders of hers instead. Raises OverLimit, HouseFull and
    StepUnavailable.
    """
    limits.check_chaos(sandbox)
    _clear_the_table(sandbox)
    scene = PLAIN | {"speed": SPEED, "workers": WORKERS, "visibility_timeout_s": TIME_OUT_S, "partner": "up"}
    chosen = {"idempotency": choice.strategy, "idempotency_key": choice.key}
    sandboxes.change(sandbox, scene | chosen, by="lab")
    holds.start(sandbox, STEP, HELD_S)
    customer = f"ada-{secrets.token_hex(3)}@example.com"
    first = _place(sandbox, customer)
    choice = replace(choice, orders=(first,))
    repeat_runs.keep(sandbox, choice)
    _wait(lambda: len(holds.standing(sandbox)) >= 1, STANDS_WITHIN_S)
    if choice.key == "email_address":
        repeat_runs.keep(sandbox, replace(choice, orders=(first, _place(sandbox, customer))))
    else:
        mischief.duplicate(sandbox, first)
    _wait(lambda: len(holds.standing(sandbox)) >= 2, STANDS_WITHIN_S)


def press(sandbox: str, button: str, letter: str, moves: int | None = None) -> None:
    """Do what a button says, unless another press of it has: more than the `moves` that its reader saw are made.

    Raises NobodyStands, NoHold and NoSuchWorker when there is nothing to be moved.
    """
    if moves is not None and _made(sandbox, button, letter) > moves:
        return
    _hold_on(sandbox)
    if button == "end":
        holds.end(sandbox)
        return
    if button in ("next", "all"):
        _play(sandbox, whole=button == "all")
    else:
        _move(sandbox, (letter, "crash" if button == "kill" else ""))
    # By the record: whoever another press has just let go stands in it until it moves, and is to stand again.
    if _wait(lambda: _settled(sandbox), 1.0) and not any(hand.live for hand in _table(sandbox).hands):
        holds.end(sandbox)


def leave(sandbox: str) -> None:
    """The reader goes on to something else: whoever still stands in this lab is not to stand there as well."""
    newest = repeat_runs.newest(sandbox)
    if newest and not newest.over:
        holds.end(sandbox)


def _clear_the_table(sandbox: str) -> None:
    """Whoever stands from an earlier run goes on to its end, and nothing is armed any more."""
    holds.end(sandbox)
    fleet.disarm(sandbox)
    freezes.wish_thaw(sandbox)
    _wait(lambda: not any(row.leaving is False and _busy(sandbox, row.name) for row in fleet.living(sandbox)), 6.0)


def _busy(sandbox: str, worker: str) -> bool:
    choice = repeat_runs.kept(sandbox)
    record = events.of_orders(sandbox, choice.orders) if choice else []
    return any(hand.worker == worker and hand.live for hand in deliveries.read(record).hands)


def _place(sandbox: str, customer: str) -> int:
    with slots.place(sandbox, "later"):
        return placing.place(Order(sandbox, 0, email=customer, checkout="later")).order.number


def _hold_on(sandbox: str) -> None:
    """Whoever moves them has time for the next move."""
    hold = holds.of_sandbox(sandbox)
    if hold and hold.until - utc_now() < EXTENDED_BELOW:
        holds.start(sandbox, STEP, HELD_S)


def _play(sandbox: str, whole: bool) -> None:
    """Make the script's next move, or all that are left of it."""
    end = time.monotonic() + PLAYS_FOR_S
    while time.monotonic() < end:
        newest = repeat_runs.newest(sandbox)
        move = newest.script.next if newest and newest.script else None
        if newest is None or move is None:
            return
        if move[1] == scripts.LEASE_ENDS:
            _let_the_claim_end(sandbox, moment(newest.record[0]))
            rest = newest.script.rest[1:] if newest.script else ()
            move = rest[0] if rest else move
        _move(sandbox, move)
        if not whole:
            return


def _let_the_claim_end(sandbox: str, began: datetime) -> None:
    _wait(lambda: not memory.claim_holds(sandbox, STEP, began), TIME_OUT_S + 2.0)


def _move(sandbox: str, move: Move) -> None:
    """One action of a delivery, or its death; what comes back because of it stands before anything else happens."""
    letter, what = move
    _wait(lambda: _stands(sandbox, letter) or _settled(sandbox), COMES_BACK_WITHIN_S)
    hand = _table(sandbox).hand(letter)
    if hand is None or hand.state != "stands":
        raise NobodyStands(f"{letter} does not stand before an action. Look again where it is.")
    if what == "crash":
        fleet.wish_crash(sandbox, hand.worker, "now")
    else:
        holds.step(sandbox, hand.worker)
    _wait(lambda: _settled(sandbox), COMES_BACK_WITHIN_S)


def _made(sandbox: str, button: str, letter: str) -> int:
    """The moves so far, its death included: of the delivery that a button moves, or of all."""
    alone = button in ("step", "kill")
    return sum(mover == letter or not alone for mover, _ in _table(sandbox).moves)


def _stands(sandbox: str, letter: str) -> bool:
    hand = _table(sandbox).hand(letter)
    return hand is not None and hand.state == "stands"


def _settled(sandbox: str) -> bool:
    newest = repeat_runs.newest(sandbox)
    return newest is None or newest.settled


def _table(sandbox: str) -> deliveries.Table:
    choice = repeat_runs.kept(sandbox)
    return deliveries.read(events.of_orders(sandbox, choice.orders) if choice else [])


def _wait(until: Callable[[], bool], within_s: float) -> bool:
    """Wait for something to be so; False if it is not in time."""
    end = time.monotonic() + within_s
    while not until():
        if time.monotonic() > end:
            return False
        time.sleep(0.03)
    return True
