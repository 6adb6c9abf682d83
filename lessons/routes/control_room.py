"""The control room: the page, its polled sections, how often it asks, and views of it that are shared."""

from __future__ import annotations

import time
from typing import Annotated, Any

from flask import Blueprint, g, jsonify, make_response, redirect, render_template, request, url_for
from pydantic import AfterValidator, Field
from werkzeug.wrappers import Response

from lessons import access, boards, fault_buttons, problems, requests, tiles
from lessons.whys import WHYS
from workers.connections import round_trips

routes = Blueprint("control_room", __name__)
INTERVALS = (("0.5", "½ s"), ("1", "1 s"), ("2", "2 s"), ("5", "5 s"), ("0", "off"))
EVERY_S = 1.0
A_YEAR_S = 365 * 24 * 3600


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
    """The control room of the visitor's own lab, if she has one."""
    sandbox = access.token_sandbox() or access.visitors_sandbox()
    return _answer(sandbox)


@routes.get("/sandboxes/<sandbox>/control-room")
def of_sandbox(sandbox: str) -> Response:
    """The same by the lab's address; for htmx only the sections that have changed, or 304."""
    access.named(sandbox)
    return _poll(sandbox) if problems.by_htmx() else _answer(sandbox)


@routes.post("/control-room/refresh")
def refresh() -> Response:
    """Remember how often this browser wants to ask."""
    every = requests.read(RefreshForm).every
    sandbox = access.visitors_sandbox()
    if problems.by_htmx() and sandbox:
        response = make_response(render_template("control_room/_poll.html", sandbox_id=sandbox, tag="", every=every))
    else:
        response = redirect(url_for("control_room.show"), 303)
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
    board = boards.fresh(sandbox) if sandbox else None
    if problems.wants_json():
        return jsonify(board.facts.as_json() if board else None)
    return make_response(render_template("control_room/show.html", **_context(sandbox, board)))


def _context(sandbox: str | None, board: boards.Board | None) -> dict[str, Any]:
    return {
        "sandbox_id": sandbox,
        "board": board,
        "tag": board.tag if board else "",
        "every": _every(),
        "intervals": INTERVALS,
        "titles": tiles.TITLES,
        "whys": WHYS,
        "faults": fault_buttons.FAULTS,
        "keys": fault_buttons.KEYS,
        "took_ms": _took_ms(),
    }


def _every() -> float:
    known = request.cookies.get("refresh", "")
    return float(known) if known in dict(INTERVALS) else EVERY_S


def _took_ms() -> float:
    return 1000 * (time.monotonic() - float(g.began))
