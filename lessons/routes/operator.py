"""The operator's page behind a secret: what readers reported, posted and remarked, and what is done about it."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Annotated

from flask import Blueprint, abort, make_response, redirect, render_template, session, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from lessons import access, problems, requests
from lessons.course import course
from workers import remarks, reports
from workers.settings import current

routes = Blueprint("operator", __name__, url_prefix="/operator")
SIGNED_IN_FOR_S = 12 * 3600
SHOWN = 100
ACTS: dict[str, Callable[[int], bool]] = {"hiding": reports.hide, "showing": reports.show, "deletion": reports.remove}


class SecretForm(requests.Form):
    secret: Annotated[str, Field(min_length=1, max_length=500)]


@routes.get("")
def show() -> Response:
    """What there is to look at; the form that asks for the secret to anybody else."""
    if not _signed_in():
        return _ask(200) if not problems.wants_json() else _ask(401)
    lessons = course().lessons
    looked_at = {"posts": reports.to_review(SHOWN), "remarks": remarks.newest(SHOWN), "tallies": remarks.tallies()}
    titles = {lesson.slug: lesson.front.title for lesson in lessons}
    return _private(render_template("operator/show.html", titles=titles, discussion=current().discussion, **looked_at))


@routes.post("/session")
@access.limiter.limit("5/minute")
def sign_in() -> Response:
    """Compare the secret in constant time; the session then knows the operator for twelve hours."""
    given = requests.read(SecretForm).secret
    if not hmac.compare_digest(given.encode(), current().operator_secret.encode()):
        return _ask(401, "That is not the secret.")
    session["operator"] = [int(time.time()) + SIGNED_IN_FOR_S, _proof()]
    return redirect(url_for("operator.show"), 303)


@routes.delete("/session")
@routes.post("/session/deletion")
def sign_out() -> Response:
    requests.read(requests.NothingForm)
    session.pop("operator", None)
    return redirect(url_for("operator.show"), 303)


@routes.post("/posts/<int(max=2147483647):post>/<any(hiding, showing, deletion):act>")
def decide(post: int, act: str) -> Response:
    """Hide a post, show it again, or delete it."""
    if not _signed_in():
        return _ask(401, "Sign in first.")
    requests.read(requests.NothingForm)
    if not ACTS[act](post):
        abort(404, "There is no such post any more.")
    return redirect(url_for("operator.show", _anchor="posts"), 303)


def _signed_in() -> bool:
    until, proof = session.get("operator") or (0, "")
    return until > time.time() and hmac.compare_digest(proof, _proof())


def _proof() -> str:
    """What a session holds instead of the secret; with another secret it is worth nothing."""
    known = current()
    return hmac.new(known.secret_key.encode(), f"operator/{known.operator_secret}".encode(), hashlib.sha256).hexdigest()


def _ask(status: int, wrong: str = "") -> Response:
    if problems.wants_json():
        return problems.answer(status, "The operator's page", wrong or "This page asks for a secret.", "Use a browser.")
    return _private(render_template("operator/sign_in.html", wrong=wrong), status)


def _private(page: str, status: int = 200) -> Response:
    return make_response(page, status, {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
