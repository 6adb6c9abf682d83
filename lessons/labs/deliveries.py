"""The deliveries of the repeat lab: who is at which action of the e-mail, and which moves have been made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase

from workers import events as happened
from workers.events import Event
from workers.idempotency.interleavings import Move

ENDS = {
    "MessageAcknowledged": "acknowledged",
    "AcknowledgementIgnored": "acknowledged",
    "MessagePutOff": "put off",
    "WriteRefused": "refused",
    "RetryScheduled": "failed",
    "MessageDeadLettered": "failed",
}
ANSWERS = {
    ("check", "in"): "it is not",
    ("check", "ack"): "it is, so there is nothing to send",
    ("claim", "in"): "it is ours",
    ("claim", "ack"): "somebody has it, so there is nothing to send",
    ("claim", "put off"): "another has it, and is not done",
}
COMES_AGAIN = ("died", "put off", "refused", "failed")


@dataclass(frozen=True)
class Hand:
    """One delivery in the hands of a worker; while it stands, `place` is the action that it is about to take."""

    letter: str
    order: int
    delivery: int
    worker: str
    pid: int | None = None
    state: str = "works"  # "stands" | "works", or how it ended: "acknowledged", "died", "put off", "refused", "failed"
    place: str = ""
    moves: tuple[str, ...] = ()
    known: bool = False  # the receiver had the e-mail already
    skipped: bool = False  # it found that there was nothing to send
    finished: bool = False  # it is through with the e-mail, sent or skipped

    @property
    def sent(self) -> bool:
        """Whether it sent the e-mail: let do so by the reader, or by itself when nobody held it any more."""
        return "in" in self.moves or (self.finished and not self.skipped)

    @property
    def answered(self) -> tuple[tuple[str, str], ...]:
        """Its moves, each with the answer that it got, as far as what it did next tells of it."""
        after = (*self.moves[1:], action(self.place) if self.state == "stands" else self.state)
        pairs = zip(self.moves, after, strict=True)
        return tuple((move, self._answer(move, then)) for move, then in pairs)

    def _answer(self, move: str, then: str) -> str:
        if move == "in":
            return "the mail server had it already" if self.known else ""
        return ANSWERS.get((move, then), "")

    @property
    def live(self) -> bool:
        return self.state in ("stands", "works")


@dataclass(frozen=True)
class Table:
    """All deliveries so far, and all moves in the order in which they were made."""

    hands: tuple[Hand, ...] = ()
    moves: tuple[Move, ...] = ()
    acknowledged: frozenset[int] = frozenset()  # the orders of which the queue has nothing any more

    def hand(self, letter: str) -> Hand | None:
        return next((hand for hand in self.hands if hand.letter == letter), None)

    @property
    def standing(self) -> tuple[Hand, ...]:
        return tuple(hand for hand in self.hands if hand.state == "stands")

    @property
    def at_work(self) -> bool:
        return any(hand.state == "works" for hand in self.hands)

    @property
    def to_come(self) -> int:
        """Deliveries that ended without an acknowledgement, and have not come again yet."""
        open_ = [hand for hand in self.hands if hand.order not in self.acknowledged]
        again = [hand for hand in self.hands[2:] if hand.order not in self.acknowledged]
        return sum(hand.state in COMES_AGAIN for hand in open_) - len(again)


def read(record: Sequence[Event]) -> Table:
    """The table, from everything that happened to the run's orders."""
    table = Table()
    for event in record:
        table = _hear(table, event)
        if isinstance(event, happened.MessageAcknowledged) and event.order:
            table = replace(table, acknowledged=table.acknowledged | {event.order})
    return table


def action(place: str) -> str:
    """The checker's name of the action at a place."""
    return "ack" if place == "before_ack" else place.partition(":")[0]


def _hear(table: Table, event: Event) -> Table:
    if isinstance(event, happened.MessageTaken) and event.order and event.worker:
        letter = ascii_uppercase[len(table.hands) % 26]
        new = Hand(letter, event.order, event.attempt or 0, event.worker)
        return replace(table, hands=(*table.hands, new))
    hand = _whose(table, event)
    if hand is None:
        return table
    match event:
        case happened.WorkerHeld():
            return _with(table, replace(hand, state="stands", place=event.place, pid=event.pid))
        case happened.WorkerReleased():
            moved = replace(hand, state="works", moves=(*hand.moves, action(event.place)))
            return _with(table, moved, (hand.letter, action(event.place)))
        case happened.WorkerCrashed():
            return _with(table, replace(hand, state="died"), (hand.letter, "crash"))
        case happened.DuplicateSuppressed() if event.step == "email" and event.by == "receiver":
            return _with(table, replace(hand, known=True))
        case happened.DuplicateSuppressed() if event.step == "email":
            return _with(table, replace(hand, skipped=True))
        case happened.StepFinished() if event.step == "email":
            return _with(table, replace(hand, finished=True))
        case _ if event.type in ENDS:
            return _with(table, replace(hand, state=ENDS[event.type]))
    return table


def _whose(table: Table, event: Event) -> Hand | None:
    """The delivery that an event is about; a crash names its worker only."""
    if isinstance(event, happened.WorkerCrashed):
        mine = (hand for hand in table.hands if hand.live and (hand.worker, hand.order) == (event.worker, event.order))
    else:
        mine = (hand for hand in table.hands if (hand.order, hand.delivery) == (event.order, event.attempt))
    return next(mine, None)


def _with(table: Table, hand: Hand, *moves: Move) -> Table:
    hands = tuple(hand if known.letter == hand.letter else known for known in table.hands)
    return replace(table, hands=hands, moves=(*table.moves, *moves))
