"""Somebody else's server that knows where visitors come from: slow, and for one at a time unless it is asked better."""

from __future__ import annotations

import threading
import time
from typing import Any

import httpx

from workers.errors import StepUnavailable
from workers.settings import current
from workers.shop import partner

# What it takes for one answer, of the story; the caller's own work on a ticket is a twentieth of it.
ANSWER_S = 0.1
LINES = {"one": 1, "parallel": 10, "cached": 1}  # calls that it answers at once, by how it is asked
COUNTRIES = ("Chile", "Ghana", "Japan", "Norway")

_known: dict[str, str] = {}  # what this process was told: only who asks "cached" looks here
_lines: dict[tuple[str, str], threading.BoundedSemaphore] = {}
_making = threading.Lock()


def ask(sandbox: str, visitors: list[str], way: str, speed: float) -> float:
    """Find out where the visitors come from; the seconds that it took. Raises StepUnavailable."""
    began = time.monotonic()
    unknown = [visitor for visitor in visitors if way != "cached" or visitor not in _known]
    if unknown:
        body = {"sandbox": sandbox, "visitors": sorted(set(unknown)), "way": way, "speed": speed}
        try:
            answer = partner.client().post(f"{current().partner_url}/visitors", json=body)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise StepUnavailable(f"Nobody said where the visitors come from: {error}", "partner is away") from error
        _known.update(answer.json())
    return time.monotonic() - began


def answer(body: dict[str, Any]) -> dict[str, str]:
    """The other side: where each of them comes from, after a while, and after those who asked before."""
    way = str(body["way"])
    with _line(str(body["sandbox"]), way):
        time.sleep(ANSWER_S / float(body["speed"]))
    return {visitor: COUNTRIES[len(visitor) % len(COUNTRIES)] for visitor in body["visitors"]}


def _line(sandbox: str, way: str) -> threading.BoundedSemaphore:
    with _making:
        return _lines.setdefault((sandbox, way), threading.BoundedSemaphore(LINES[way]))
