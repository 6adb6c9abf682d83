"""Somebody on call: a drill in a running product, and the real means that mend each kind of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.product import Product, Sandbox, eventually
from workers.drills.kinds import POISONS


@dataclass
class OnCall:
    """One sandbox in a drill."""

    sandbox: Sandbox

    @classmethod
    def of(cls, product: Product, kind: str | None = None) -> OnCall:
        """A drill at the highest speed has begun, of a kind if one is asked for."""
        it = cls(product.new_sandbox(speed=10))
        assert it.start(kind).status_code == 202
        it.settle()
        return it

    def settle(self) -> None:
        """Until it is to be seen that the drill has begun, with both of its workers."""
        eventually(lambda: self.sandbox.snapshot()["on_call"], 10, "on call")
        self.sandbox.wait_for_workers(2)

    def start(self, kind: str | None = None) -> Any:
        return self.sandbox.http.post(self.sandbox.url("/drills"), json={"kind": kind} if kind else {})

    def guess(self, what: str) -> dict[str, Any]:
        answer = self.sandbox.http.post(self.sandbox.url("/drills/guesses"), json={"guess": what})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def latest(self) -> dict[str, Any]:
        found: dict[str, Any] = self.sandbox.http.get(self.sandbox.url("/drills/latest")).json()
        return found

    def room(self) -> dict[str, Any]:
        found: dict[str, Any] = self.sandbox.http.get(self.sandbox.url("/control-room")).json()
        return found

    def wait_until(self, state: str, within_s: float = 60) -> dict[str, Any]:
        def look() -> dict[str, Any]:
            drill = self.latest()
            return drill if drill["state"] in (state, "over") else {}

        return eventually(look, within_s, f"the drill is {state}")

    def wait_for_trouble(self, kind: str) -> None:
        """Until the figure is to be seen that is to betray this kind."""
        eventually(lambda: TROUBLE[kind](self), 60, f"the figures show {kind}")

    def mend(self, kind: str) -> None:
        MEANS[kind](self.sandbox)

    def deaths(self) -> int:
        return len(self.sandbox.events("WorkerCrashed"))

    def step(self, name: str) -> dict[str, Any]:
        paces = self.room()["paces"]
        found: dict[str, Any] = next((each for each in paces if each["step"] == name), {"finished": 0, "failed": 0})
        return found

    def leave(self) -> None:
        self.sandbox.leave()


def silent(it: OnCall) -> bool:
    """Workers hold messages, and have said nothing for longer than any that lives."""
    alive = [worker for worker in it.sandbox.snapshot()["workers"] if worker["alive"]]
    return len(alive) == 2 and all((worker["heartbeat_age_s"] or 0) > 6 for worker in alive)


def alive(it: OnCall) -> int:
    """Also those that are still at their last message: they are on the tile until they are gone."""
    return sum(worker["alive"] for worker in it.sandbox.snapshot()["workers"])


def slow(it: OnCall) -> bool:
    return (it.step("webhook").get("seconds") or 0) > 0.5


# Each as somebody sees it who only looks.
TROUBLE: dict[str, Callable[[OnCall], Any]] = {
    "frozen_workers": silent,
    "no_workers": lambda it: alive(it) == 0,
    "too_few_workers": lambda it: alive(it) == 1,
    "crash_loop": lambda it: it.deaths() >= 2,
    "partner_down": lambda it: it.step("webhook")["failed"] >= 2,
    "partner_flaky": lambda it: it.step("webhook")["failed"] >= 1,
    "partner_slow": slow,
    "poison": lambda it: it.sandbox.snapshot()["dead_letters"]["count"] >= POISONS,
    "flood": lambda it: it.sandbox.snapshot()["rates"]["in_per_s"] > 2.5,
}


def delete_letters(sandbox: Sandbox) -> None:
    answer = sandbox.http.delete(sandbox.url("/dead-letters"), params={"all": "true"})
    assert answer.is_success, answer.text


def recover(sandbox: Sandbox) -> None:
    assert sandbox.http.delete(sandbox.url("/outages")).is_success


def disarm(sandbox: Sandbox) -> None:
    assert sandbox.http.delete(sandbox.url("/crashes")).is_success


MEANS: dict[str, Callable[[Sandbox], Any]] = {
    "frozen_workers": Sandbox.thaw,
    "no_workers": lambda sandbox: sandbox.change(workers=2),
    "too_few_workers": lambda sandbox: sandbox.change(workers=3),
    "crash_loop": disarm,
    "partner_down": recover,
    "partner_flaky": recover,
    "partner_slow": recover,
    "poison": delete_letters,
    "flood": lambda sandbox: sandbox.change(workers=8),
}
