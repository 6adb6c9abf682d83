"""How often a browser's control room asks."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, url_for

from lessons import access, problems, requests
from lessons.control_room.refresh import RefreshForm, remember

routes = Blueprint("refresh", __name__)


@routes.post("/control-room/refresh")
def choose() -> Response:
    """Remember it; htmx gets the element that polls from now on."""
    every = requests.read(RefreshForm).every
    sandbox = access.visitors_sandbox()
    if not (problems.by_htmx() and sandbox):
        return remember(every, make_response(redirect(url_for("control_room.show"), 303)))
    poll = render_template("control_room/_poll.html", sandbox_id=sandbox, tag="", every=every)
    return remember(every, make_response(poll))
