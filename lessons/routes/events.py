"""The record: everything that happened in a sandbox."""

from __future__ import annotations

from flask import Blueprint, jsonify, make_response, render_template, request
from werkzeug.wrappers import Response

from lessons import access, problems
from workers import events

routes = Blueprint("events", __name__, url_prefix="/sandboxes/<sandbox>/events")
PAGE = 1000


@routes.get("")
def index(sandbox: str) -> Response:
    """Events after a sequence number, oldest first, at most a thousand."""
    happened = events.after(_after(), access.own(sandbox), PAGE)
    if problems.wants_json():
        return jsonify([event.as_json() for event in happened])
    return make_response(render_template("events/index.html", events=happened, sandbox_id=sandbox))


def _after() -> int:
    value = request.args.get("after", "0")
    if not (value.isascii() and value.isdigit() and len(value) <= 15):
        raise problems.Invalid([{"field": "after", "problem": "is not a sequence number", "allowed": {"minimum": 0}}])
    return int(value)
