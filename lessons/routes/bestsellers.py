"""The list of what sold best: an answer that is slow to make, and may come from a cache."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, jsonify, make_response, render_template
from werkzeug.wrappers import Response

from lessons import access, problems, slots
from workers import cache

routes = Blueprint("bestsellers", __name__, url_prefix="/sandboxes/<sandbox>")


@routes.get("/bestsellers")
def show(sandbox: str) -> Response:
    """What sold best, how old that is, and whether it was made for this request."""
    answer = cache.ask(access.own(sandbox), lambda: slots.place(sandbox, "list"))
    if problems.wants_json():
        return jsonify(asdict(answer))
    return make_response(render_template("orders/bestsellers.html", answer=answer, sandbox_id=sandbox))
