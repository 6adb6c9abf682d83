"""How often the control room asks: chosen by the reader, kept in a cookie."""

from __future__ import annotations

from typing import Annotated

from flask import Response, request
from pydantic import AfterValidator, Field

from lessons import requests

INTERVALS = (("0.5", "½ s"), ("1", "1 s"), ("2", "2 s"), ("5", "5 s"), ("0", "off"))
EVERY_S = 1.0
COOKIE = "refresh"
A_YEAR_S = 365 * 24 * 3600


def _an_interval(every: float) -> float:
    if f"{every:g}" not in dict(INTERVALS):
        raise ValueError("no such interval")
    return every


class RefreshForm(requests.Form):
    every: Annotated[
        float, AfterValidator(_an_interval), Field(json_schema_extra={"enum": [float(value) for value, _ in INTERVALS]})
    ]


def every_s() -> float:
    """Seconds from one poll to the next; 0 is off."""
    known = request.cookies.get(COOKIE, "")
    return float(known) if known in dict(INTERVALS) else EVERY_S


def remember(every: float, response: Response) -> Response:
    """The same answer, with the cookie."""
    response.set_cookie(COOKIE, f"{every:g}", max_age=A_YEAR_S, samesite="Lax", path="/control-room")
    return response
