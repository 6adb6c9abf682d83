"""The control room: the page, and the sections of it that are polled."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, g, jsonify, make_response, render_template, request
from werkzeug.wrappers import Response

from lessons import access, problems
from lessons.control_room import boards, facts, fault_buttons, gather, keys, moments, refresh, sections, tiles
from lessons.control_room.whys import WHYS
from workers.connections import round_trips

routes = Blueprint("control_room", __name__)


@routes.get("/control-room")
def show() -> Response:
    """The control room of the visitor's own lab, if she has one; `?at=` is as it was at that second since 1970."""
    return _answer(access.token_sandbox() or access.visitors_sandbox())


@routes.get("/sandboxes/<sandbox>/control-room")
def of_sandbox(sandbox: str) -> Response:
    """The same by the lab's address; for htmx only the sections that have changed, or 304."""
    access.named(sandbox)
    return _poll(sandbox) if problems.by_htmx() else _answer(access.own(sandbox))


def _poll(sandbox: str) -> Response:
    asked_before = round_trips()
    board = boards.boards().latest(sandbox)
    seen = request.headers.get("HX-PTag", "")
    poll = board.since(seen)
    response = make_response(poll.html)
    told = f'app;dur={_took_ms():.2f}, redis;desc="{round_trips() - asked_before}"'
    if seen == board.tag:
        response.status_code = 304
        del response.headers["Content-Type"]
    else:
        response.headers["HX-PTag"] = poll.tag
        response.headers["Cache-Control"] = "no-store"
        told += f', clock;desc="{int(time.time() * 1000)}"'  # for the clocks that run between two polls
    response.headers["Server-Timing"] = told
    return response


def _answer(sandbox: str | None) -> Response:
    at = moments.asked_for()
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
        "moments": moments.around(int(board.facts.at.timestamp())) if board else [],
        "tag": board.tag if board else "",
        "every": refresh.every_s(),
        "intervals": refresh.INTERVALS,
        "titles": tiles.TITLES,
        "whys": WHYS,
        "faults": fault_buttons.FAULTS,
        "mends": keys.MENDS,
        "keys": keys.KEYS,
        "took_ms": _took_ms(),
    }


def _took_ms() -> float:
    return 1000 * (time.monotonic() - float(g.began))
