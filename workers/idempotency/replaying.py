"""Strategies replayed: run again with the answers that they got before, up to the first action that has none."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

from workers.errors import InProgress
from workers.idempotency.strategies import STRATEGIES


class _NotYet(Exception):
    """The strategy wants an action that has no answer so far."""


class Recorded:
    """Hands that give the answers of so far, and stop at the first action beyond them: its place and its method."""

    def __init__(self, answers: tuple[Any, ...]) -> None:
        self.answers = iter(answers)

    def seen(self) -> bool:
        return bool(self._answer("check", "seen"))

    def claim(self) -> bool:
        return bool(self._answer("claim", "claim"))

    def claim_for_a_while(self) -> Literal["ours", "held", "done"]:
        answer: Literal["ours", "held", "done"] = self._answer("claim", "claim_for_a_while")
        return answer

    def work(self, with_key: bool = False) -> None:
        self._answer("in", "work_with_key" if with_key else "work")

    def mark(self) -> None:
        self._answer("mark", "mark")

    def turn_claim_into_mark(self) -> bool:
        return bool(self._answer("mark", "turn_claim_into_mark"))

    def skip(self) -> None:
        """Nothing happens, so nothing can come between."""

    def _answer(self, place: str, method: str) -> Any:
        for answer in self.answers:
            return answer
        raise _NotYet(place, method)


@lru_cache(None)
def next_action(strategy: str, answers: tuple[Any, ...]) -> tuple[str, str]:
    """What a delivery does next: the place of the action, and its method."""
    try:
        STRATEGIES[strategy](Recorded(answers))
    except _NotYet as action:
        return action.args[0], action.args[1]
    except InProgress:
        return "put off", ""
    return "ack", ""
