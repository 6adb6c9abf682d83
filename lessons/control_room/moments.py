"""Moments of the past that the control room can show, in seconds since 1970."""

from __future__ import annotations

import time

from flask import request

from lessons.problems import Invalid

STEPS = (("1 min earlier", -60), ("10 s earlier", -10), ("10 s later", 10), ("1 min later", 60))


def asked_for() -> int | None:
    """The second that is asked for. Raises Invalid when it is none, or has not come yet."""
    value = request.args.get("at")
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 15):
        raise Invalid([{"field": "at", "problem": "is not a number of seconds", "allowed": {"minimum": 0}}])
    return not_to_come(int(value))


def not_to_come(at: int) -> int:
    """The second, if it has come. Raises Invalid."""
    now = int(time.time())
    if at > now:
        raise Invalid([{"field": "at", "problem": "has not come yet", "allowed": {"maximum": now}}])
    return at


def around(at: int) -> list[tuple[str, int]]:
    """Where else one can go from there, in words and seconds."""
    now = int(time.time())
    return [(words, at + by) for words, by in STEPS if 0 <= at + by <= now]
