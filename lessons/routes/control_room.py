"""The control room: the page, its polled sections, and how often it asks."""

from __future__ import annotations

import time
from typing import Annotated, Any

from flask import Blueprint, g, jsonify, make_response, redirect, render_template, request, url_for
from pydantic import AfterValidator, Field
from werkzeug.wrappers import Response

from lessons import access, boards, facts, fault_buttons, gather, problems, requests, sections, tiles
from lessons.whys import WHYS
from workers.connections import round_trips

routes = Blueprint("control_room", __name__)
INTERVALS = (("0.5", "½ s"), ("1", "1 s"), ("2", "2 s"), ("5", "5 s"), ("0", "off"))
EVERY_S = 1.0
A_YEAR_S = 365 * 24 * 3600
MOMENTS = (("1 min earlier", -60), ("10 s earlier", -10), ("10 s later", 10), ("1 min later", 60))


def _an_interval(every: float) -> float:
    if f"{every:g}" not in dict(INTERVALS):
        raise ValueError("no such interval")
    return every


class RefreshForm(requests.Form):
    every: Annotated[
        float, AfterValidator(_an_interval), Field(json_schema_extra={"enum": [float(value) for value, _ in INTERVALS]})
    ]


@routes.get("/control-room")
def show() -> Response:
    """The control room of the visitor's own lab, if she has one; `?at=` is as it was at that second since 1970."""
    return _answer(access.token_sandbox() or access.visitors_sandbox())


@routes.get("/sandboxes/<sandbox>/control-room")
def of_sandbox(sandbox: str) -> Response:
    """The same by the lab's address; for htmx only the sections that have changed, or 304."""
    access.named(sandbox)
    return _poll(sandbox) if problems.by_htmx() else _answer(access.own(sandbox))


@routes.post("/control-room/refresh")
def refresh() -> Response:
    """Remember how often this browser wants to ask."""
    every = requests.read(RefreshForm).every
    sandbox = access.visitors_sandbox()
    if problems.by_htmx() and sandbox:
        response = make_response(render_template("control_room/_poll.html", sandbox_id=sandbox, tag="", every=every))
    else:
        response = make_response(redirect(url_for("control_room.show"), 303))
    response.set_cookie("refresh", f"{every:g}", max_age=A_YEAR_S, samesite="Lax", path="/control-room")
    return response


def _poll(sandbox: str) -> Response:
    asked_before = round_trips()
    board = boards.boards().latest(sandbox)
    seen = request.headers.get("HX-PTag", "")
    response = make_response(board.since(seen) if seen != board.tag else "")
    if seen == board.tag:
        response.status_code = 304
        del response.headers["Content-Type"]
    else:
        response.headers["HX-PTag"] = board.tag
        response.headers["Cache-Control"] = "no-store"
    trips = round_trips() - asked_before
    response.headers["Server-Timing"] = f'app;dur={_took_ms():.2f}, redis;desc="{trips}"'
    return response


def _answer(sandbox: str | None) -> Response:
    at = _at()
    if sandbox is None or at is None:
        return shown(sandbox, boards.fresh(sandbox) if sandbox else None)
    return shown(sandbox, sections.board(gather.then(sandbox, at)))


def shown(sandbox: str | None, board: sections.Board | None) -> Response:
    """A board as a page, or for a script."""
    if problems.wants_json():
        return jsonify(facts.as_json(board.facts) if board else None)
    return make_response(render_template("control_room/show.html", **_context(sandbox, board)))


def _context(sandbox: str | None, board: sections.Board | None) -> dict[str, Any]:
    return {
        "sandbox_id": sandbox,
        "board": board,
        "live": board is not None and board.facts.live,
        "shared": board is not None and sandbox is None,
        "moments": _moments(board.facts) if board else [],
        "tag": board.tag if board else "",
        "every": _every(),
        "intervals": INTERVALS,
        "titles": tiles.TITLES,
        "whys": WHYS,
        "faults": fault_buttons.FAULTS,
        "mends": fault_buttons.MENDS,
        "keys": fault_buttons.KEYS,
        "took_ms": _took_ms(),
    }


def _at() -> int | None:
    """The second that is asked for. Raises Invalid when it is none, or has not come yet."""
    value = request.args.get("at")
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 15):
        raise problems.Invalid([{"field": "at", "problem": "is not a number of seconds", "allowed": {"minimum": 0}}])
    return not_to_come(int(value))


def not_to_come(at: int) -> int:
    """The second, if it has come. Raises Invalid."""
    now = int(time.time())
    if at > now:
        raise problems.Invalid([{"field": "at", "problem": "has not come yet", "allowed": {"maximum": now}}])
    return at


def _moments(seen: facts.Facts) -> list[tuple[str, int]]:
    """Where else one can go from a moment of the past, in seconds since 1970."""
    at, now = int(seen.at.timestamp()), int(time.time())
    return [(words, at + by) for words, by in MOMENTS if at + by <= now]


def _every() -> float:
    known = request.cookies.get("refresh", "")
    return float(known) if known in dict(INTERVALS) else EVERY_S


def _took_ms() -> float:
    return 1000 * (time.monotonic() - float(g.began))
