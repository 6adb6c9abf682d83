"""The checker: runs the very strategies of the workers through everything that can come between their actions.

Two deliveries meet: of one message, or (when the key is the customer's address) one for each of her two orders. At
most one of them crashes, before any of its actions, the acknowledgement included; at most one claim ends while its
owner is alive. A delivery that crashed or was put off comes again as a further one. A strategy is a plain function, so
it is run from its beginning each time, with the answers that it got so far, up to the first action that has none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from string import ascii_uppercase
from typing import Any, Literal

from workers.idempotency.replaying import next_action

Move = tuple[str, str]  # which delivery, "A" being the first, and what happens: an action, "crash" or "lease ends"
Outcome = Literal["right", "lost", "repeated"]
DONE = -1


@dataclass(frozen=True)
class Delivery:
    """One delivery: of which order, what it was answered so far, and how it ended."""

    order: int
    answers: tuple[Any, ...] = ()
    ended: str = ""  # "acknowledged" | "crashed" | "put off"
    after: int | None = None  # comes again only when this delivery's claim is over: before, nothing would change


@dataclass(frozen=True)
class World:
    """Everything that matters at one moment; `memory` is the senders' (key → owner or DONE)."""

    deliveries: tuple[Delivery, ...]
    effects: tuple[int, ...] = (0, 0)  # of each order, how often
    memory: tuple[tuple[int, int], ...] = ()
    received: frozenset[int] = frozenset()  # the keys that the receiver knows
    crashes: int = 1
    early_ends: int = 1

    @property
    def outcome(self) -> Outcome:
        """What it comes to when nobody has anything left to do; lost is worse than repeated."""
        times = [self.effects[order] for order in {delivery.order for delivery in self.deliveries}]
        return "lost" if 0 in times else "repeated" if max(times) > 1 else "right"


@dataclass(frozen=True)
class Schedule:
    """One way in which everything can happen, from the first action to the last."""

    moves: tuple[Move, ...]
    outcome: Outcome


@dataclass(frozen=True)
class Counts:
    """How many of all schedules end how; numbers of schedules, which are no probabilities."""

    right: int = 0
    lost: int = 0
    repeated: int = 0

    @property
    def wrong(self) -> int:
        return self.lost + self.repeated

    @property
    def total(self) -> int:
        return self.right + self.wrong

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.right + other.right, self.lost + other.lost, self.repeated + other.repeated)


def beginning(key: str = "order", crashes: int = 1, early_ends: int = 1) -> World:
    """Two deliveries that have done nothing yet."""
    second = 1 if key == "email_address" else 0
    return World((Delivery(0), Delivery(second)), crashes=crashes, early_ends=early_ends)


@lru_cache(None)
def count(strategy: str, key: str = "order", crashes: int = 1, early_ends: int = 1) -> Counts:
    """Count all schedules by their outcome; worlds that are the same go on in the same ways."""
    known: dict[World, Counts] = {}

    def from_here(world: World) -> Counts:
        if world not in known:
            ways = [from_here(then) for _, then in moves(strategy, key, world)]
            known[world] = sum(ways, Counts()) if ways else Counts(**{world.outcome: 1})
        return known[world]

    return from_here(beginning(key, crashes, early_ends))


def schedules(strategy: str, key: str = "order", crashes: int = 0, early_ends: int = 0) -> list[Schedule]:
    """Every schedule, one by one; without crashes they are few enough for a page."""

    def from_here(world: World, so_far: tuple[Move, ...]) -> Iterator[Schedule]:
        ways = list(moves(strategy, key, world))
        if not ways:
            yield Schedule(so_far, world.outcome)
        for move, then in ways:
            yield from from_here(then, (*so_far, move))

    return list(from_here(beginning(key, crashes, early_ends), ()))


@lru_cache(None)
def counter_example(strategy: str, key: str = "order", crashes: int = 1, early_ends: int = 1) -> Schedule | None:
    """The shortest schedule that ends wrong, the first of several; None if all end right."""
    start = beginning(key, crashes, early_ends)
    seen, queue = {start}, deque([(start, ())])
    while queue:
        world, so_far = queue.popleft()
        ways = list(moves(strategy, key, world))
        if not ways and world.outcome != "right":
            return Schedule(so_far, world.outcome)
        for move, then in ways:
            if then not in seen:
                seen.add(then)
                queue.append((then, (*so_far, move)))  # type: ignore[arg-type]
    return None


def replay(strategy: str, key: str, played: tuple[Move, ...]) -> World:
    """The world after these moves. Raises KeyError for a move that cannot be made then."""
    world = beginning(key)
    for move in played:
        world = dict(moves(strategy, key, world))[move]
    return world


def moves(strategy: str, key: str, world: World) -> Iterator[tuple[Move, World]]:
    """All that can happen next, and what is then."""
    memory = dict(world.memory)
    for number, delivery in enumerate(world.deliveries):
        name = ascii_uppercase[number]
        if delivery.ended or (delivery.after is not None and delivery.after in memory.values()):
            continue
        place, method = next_action(strategy, delivery.answers)
        yield (name, place), _act(strategy, key, world, number, method)
        if world.crashes:
            again = Delivery(delivery.order)
            yield (name, "crash"), _end(replace(world, crashes=world.crashes - 1), number, "crashed", again)
    for name_of, owner in world.memory:
        alive = owner != DONE and not world.deliveries[owner].ended
        if owner != DONE and (world.early_ends or not alive):
            left = tuple(entry for entry in world.memory if entry[0] != name_of)
            ends = replace(world, memory=left, early_ends=world.early_ends - alive)
            yield (ascii_uppercase[owner], "lease ends"), ends


def _act(strategy: str, key: str, world: World, number: int, method: str) -> World:
    """One action of a delivery; a delivery that is put off ends with the very action that tells it so."""
    if not method:
        return _end(world, number, "acknowledged")
    delivery = world.deliveries[number]
    name = _key(key, number, delivery.order)
    memory, effects, received = dict(world.memory), list(world.effects), world.received
    owner = memory.get(name)
    answer: Any = None
    if method == "seen":
        answer = owner == DONE
    elif method == "claim":
        answer = owner is None
        memory[name] = DONE
    elif method == "claim_for_a_while":
        answer = "ours" if owner is None else "done" if owner == DONE else "held"
        memory.setdefault(name, number)
    elif method == "mark" or (method == "turn_claim_into_mark" and owner == number):
        memory[name] = DONE
    elif method.startswith("work"):
        known = method == "work_with_key" and name in received
        effects[delivery.order] += not known
        received |= {name} if method == "work_with_key" else set()
    acted = replace(delivery, answers=(*delivery.answers, answer))
    world = replace(world, memory=tuple(sorted(memory.items())), effects=tuple(effects), received=received)
    world = _with(world, number, acted)
    if next_action(strategy, acted.answers)[0] == "put off":
        return _end(world, number, "put off", Delivery(delivery.order, after=owner))
    return world


def _key(key: str, number: int, order: int) -> int:
    """The key of a delivery; a random one is never another's."""
    return {"order": order, "email_address": 0, "random": number}[key]


def _end(world: World, number: int, how: str, *again: Delivery) -> World:
    world = _with(world, number, Delivery(world.deliveries[number].order, ended=how))
    return replace(world, deliveries=(*world.deliveries, *again))


def _with(world: World, number: int, delivery: Delivery) -> World:
    return replace(world, deliveries=(*world.deliveries[:number], delivery, *world.deliveries[number + 1 :]))
