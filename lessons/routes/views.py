"""Views of a control room that are shared: whoever has the link sees what was to be seen then."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint, abort, jsonify, make_response, redirect, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from lessons import access, problems, requests
from lessons.control_room import boards, facts, gather, sections
from lessons.control_room.moments import not_to_come
from lessons.routes.control_room import shown
from workers import shared_views

routes = Blueprint("views", __name__)
LATEST = 2**40


class ViewForm(requests.Form):
    at: Annotated[int, Field(ge=0, le=LATEST)] | None = None  # seconds since 1970; now, if it is left out


@routes.post("/sandboxes/<sandbox>/views")
@access.limiter.limit("600/minute")
def share(sandbox: str) -> Response:
    """Keep what is to be seen, for whoever gets the link."""
    access.own(sandbox)
    at = requests.read(ViewForm).at
    seen = boards.fresh(sandbox).facts if at is None else gather.then(sandbox, not_to_come(at))
    address = url_for("views.show", view=shared_views.keep(sandbox, facts.as_json(seen)))
    if not problems.wants_json():
        return make_response(redirect(address, 303))
    answer = jsonify(link=url_for("views.show", view=address.rpartition("/")[2], _external=True))
    answer.status_code, answer.headers["Location"] = 201, address
    return answer


@routes.get("/views/<view>")
def show(view: str) -> Response:
    """A view that somebody shared, as it was then."""
    content = shared_views.find(view)
    if content is None:
        abort(404, "There is no such view, or its lab is gone.")
    response = shown(None, sections.board(facts.from_json(content)))
    response.headers["X-Robots-Tag"] = "noindex"
    return response
