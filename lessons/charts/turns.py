"""Who is drawn again when: parts of a page have turns, so that no poll brings all of them."""

from __future__ import annotations

TURN_S, TURNS = 5, 4
ROUND_S = TURNS * TURN_S


def last_turn(until: float, turn: int, every_s: int = ROUND_S) -> int:
    """When it was last this turn, in seconds since 1970; turns are TURN_S long, and come again after `every_s`."""
    return int((until - turn * TURN_S) // every_s * every_s) + turn * TURN_S
