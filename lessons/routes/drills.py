"""Incident drills: started, named, given up, and told."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint, abort, jsonify, make_response, redirect, render_template, url_for
from pydantic import AfterValidator, Field
from werkzeug.wrappers import Response

from lessons import access, drill_story, drills, lab, problems, requests
from lessons.drill_words import WORDS
from workers import limits
from workers.drills import conduct
from workers.drills import drill as kept
from workers.drills.kinds import KINDS

routes = Blueprint("drills", __name__)


def _a_kind(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError("no such kind")
    return kind


def _a_guess(guess: str) -> str:
    if guess not in WORDS:
        raise ValueError("no such choice")
    return guess


class DrillForm(requests.Form):
    kind: Annotated[str, AfterValidator(_a_kind), Field(json_schema_extra={"enum": list(KINDS)})] | None = None


class GuessForm(requests.Form):
    guess: Annotated[str, AfterValidator(_a_guess), Field(json_schema_extra={"enum": list(WORDS)})]


@routes.post("/drills")
@access.limiter.limit("60/minute")
def start_here() -> Response:
    """Start one in the visitor's own lab, which she gets if she has none."""
    return _start(access.token_sandbox() or access.visitors_sandbox_or_new())


@routes.post("/sandboxes/<sandbox>/drills")
def start(sandbox: str) -> Response:
    """Start one; of a kind, if somebody asks for it, or else of one that she has met least."""
    return _start(access.own(sandbox))


@routes.get("/sandboxes/<sandbox>/drills")
def index(sandbox: str) -> Response:
    """Those that are over, newest first."""
    access.own(sandbox)
    if problems.wants_json():
        return jsonify([drills.as_json(each) | _links(sandbox, each) for each in drills.history(sandbox)])
    return redirect(url_for("progress.show", _anchor="drills"), 303)


@routes.get("/sandboxes/<sandbox>/drills/latest")
def latest(sandbox: str) -> Response:
    """The newest: while it goes on nothing of its cause, afterwards its story."""
    newest = kept.latest(access.own(sandbox))
    if newest is None:
        abort(404, "There was no drill here yet. Start one in the control room.")
    return _show(newest)


@routes.get("/sandboxes/<sandbox>/drills/<int:number>")
def show(sandbox: str, number: int) -> Response:
    """One that is over, with its story."""
    found = next((each for each in kept.of_sandbox(access.own(sandbox)) if each.id == number), None)
    if found is None:
        abort(404, "There is no such drill here, or it is not over yet.")
    return _show(found)


@routes.post("/sandboxes/<sandbox>/drills/guesses")
def guess(sandbox: str) -> Response:
    """Name what is wrong; every guess counts."""
    access.own(sandbox)
    said = requests.read(GuessForm).guess
    it = drills.of(conduct.guess(sandbox, said))
    if not problems.wants_json():
        return _back()
    return jsonify({"guess": said, "right": it.guesses[-1].right, "drill": drills.as_json(it) | _links(sandbox, it)})


@routes.delete("/sandboxes/<sandbox>/drills")
@routes.post("/sandboxes/<sandbox>/drills/end")
def end(sandbox: str) -> Response:
    """Give up, or stop: the fault ends, and its story is told; the second address is for a form."""
    access.own(sandbox)
    requests.read(requests.NothingForm)
    ended = conduct.end(sandbox, conduct.how_it_ends(sandbox))
    if problems.wants_json():
        return jsonify(drills.as_json(drills.of(ended)) | _links(sandbox, drills.of(ended)) if ended else None)
    return _back()


def _start(sandbox: str) -> Response:
    wanted = requests.read(DrillForm)
    limits.check_chaos(sandbox)
    it = drills.of(conduct.start(sandbox, access.token_for(sandbox), wanted.kind))
    if not problems.wants_json():
        return _back()
    links = _links(sandbox, it)
    return make_response(jsonify(drills.as_json(it) | links), 202, {"Location": links["links"]["self"]})


def _show(drill: kept.Drill) -> Response:
    it = drills.of(drill)
    if problems.wants_json():
        story = {"story": drill_story.of(drill).as_json()} if drill.over else {}
        return jsonify(drills.as_json(it) | story | _links(drill.sandbox, it))
    if not drill.over:
        return redirect(url_for("control_room.show", _anchor="drill"), 303)
    shown = {"drill": it, "story": drill_story.of(drill), "sandbox_id": drill.sandbox}
    return make_response(render_template("drills/show.html", **shown))


def _back() -> Response:
    """To the control room; a page there that polls is told by its poll."""
    return lab.acted() if problems.by_htmx() else redirect(url_for("control_room.show", _anchor="drill"), 303)


def _links(sandbox: str, it: drills.Watch) -> dict[str, Any]:
    here = url_for("drills.start", sandbox=sandbox)
    mine = {"self": f"{here}/{it.number}" if it.over else f"{here}/latest", "guesses": f"{here}/guesses"}
    return {"links": mine | {"control_room": url_for("control_room.of_sandbox", sandbox=sandbox)}}
