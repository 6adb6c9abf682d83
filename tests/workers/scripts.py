"""Plays the checker's schedules with real workers: each is held at its next action until it is its turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from redis import Redis

from tests.product import Product, Sandbox, eventually
from workers import places
from workers.idempotency import seen
from workers.idempotency.interleavings import Move

STEP = "email"
ENDS = ("MessageAcknowledged", "AcknowledgementIgnored", "MessagePutOff", "WriteRefused", "RetryScheduled")
Delivery = tuple[int, int]  # an order, and the number of its delivery


@dataclass
class Stage:
    """A sandbox whose workers stand before each action of the e-mail, and which delivery has which letter."""

    product: Product
    sandbox: Sandbox
    cast: dict[str, Delivery] = field(default_factory=dict)

    @classmethod
    def of(cls, product: Product, **settings: Any) -> Stage:
        """Two workers and two deliveries: of one order, or (with the address as the key) of two orders."""
        sandbox = product.new_sandbox(speed=10, visibility_timeout_s=2, **settings)
        sandbox.wait_for_workers(2)
        sandbox.hold(STEP, seconds=60)
        stage = cls(product, sandbox)
        order = sandbox.place()["id"]
        stage.enter("A")
        if settings.get("idempotency_key") == "email_address":
            sandbox.place()
        else:
            sandbox.duplicate(order)
        stage.enter("B")
        return stage

    def enter(self, letter: str) -> None:
        """Wait until a delivery stands that has no letter yet."""

        def new() -> list[Delivery]:
            return [of(held) for held in self.sandbox.events("WorkerHeld") if of(held) not in self.cast.values()]

        self.cast[letter] = eventually(new, 20, f"{letter} stands")[0]

    def play(self, moves: tuple[Move, ...]) -> None:
        for letter, what in moves:
            if what == "crash":
                self.crash(letter)
            elif what == "lease ends":
                self.wait_for_the_end_of_the_claim()
            else:
                self.act(letter, what)

    def act(self, letter: str, action: str) -> dict[str, Any]:
        """Let a delivery take its next action, which must be this one; the event with which that ended."""
        held = self.held(letter)
        assert held["place"] == ("before_ack" if action == "ack" else f"{action}:{STEP}"), (letter, action)
        self.sandbox.release(held["worker"])

        def end() -> dict[str, Any]:
            return next((e for e in self.told(letter, "WorkerHeld", *ENDS) if e["sequence"] > held["sequence"]), {})

        return eventually(end, 20, f"{letter} after {action}")

    def crash(self, letter: str) -> None:
        """Kill the worker where it stands; its message is with another one before anything else happens."""
        self.sandbox.crash(victim=self.held(letter)["worker"])
        self.sandbox.wait_for("WorkerCrashed")
        self.enter("ABCDE"[len(self.cast)])

    def wait_for_the_end_of_the_claim(self) -> None:
        key = f"{STEP}:{self.cast['A'][0]}"
        with self.broker() as broker:
            assert seen.claim_ends_in_s(broker, self.sandbox.id, key)
            eventually(lambda: seen.claim_ends_in_s(broker, self.sandbox.id, key) is None)

    def leases(self) -> list[Any]:
        """The entries of the leases that hold."""
        with self.broker() as broker:
            found: Any = broker.zrange(places.leases_key(self.sandbox.id), 0, -1)
        return list(found)

    def broker(self) -> Redis:
        return Redis(unix_socket_path=str(self.product.data_dir / "valkey.sock"))

    def held(self, letter: str) -> dict[str, Any]:
        """Where a delivery stands."""
        return self.told(letter, "WorkerHeld")[-1]

    def told(self, letter: str, *types: str) -> list[dict[str, Any]]:
        return [event for event in self.sandbox.events(*types) if of(event) == self.cast[letter]]


def of(event: dict[str, Any]) -> Delivery:
    return event["order"], event["attempt"]
