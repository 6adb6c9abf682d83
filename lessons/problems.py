"""Every error has an answer: problem+json for scripts, a readable page or fragment for people."""

from __future__ import annotations

import json
import logging
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from flask.globals import request_ctx
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, NotFound

from lessons import pages
from workers import errors
from workers.connections import BrokerAway
from workers.database import DatabaseAway

log = logging.getLogger("lessons.problems")

# Error → status, title. The detail is the error's own sentence.
ANSWERS: dict[type[Exception], tuple[int, str]] = {
    errors.UnknownSandbox: (404, "No such sandbox"),
    errors.UnknownOrder: (404, "No such order"),
    errors.UnknownLetter: (404, "No such dead letter"),
    errors.UnknownLesson: (404, "No such lesson"),
    errors.UnknownExperiment: (404, "No such run"),
    errors.NoSuchWorker: (404, "No such worker"),
    errors.CardDeclined: (402, "Card declined"),
    errors.NotAllowed: (403, "Not allowed"),
    errors.NoWorkerAlive: (409, "No worker is alive"),
    errors.NoMessage: (409, "No message"),
    errors.CountChanged: (409, "Another number by now"),
    errors.AlreadyFrozen: (409, "Frozen already"),
    errors.NoHold: (409, "No hold"),
    errors.NobodyStands: (409, "Nobody stands there"),
    errors.StillRunning: (409, "Still running"),
    errors.NotCommitted: (409, "Not answered yet"),
    errors.DrillRunning: (409, "A drill is under way"),
    errors.NoDrill: (409, "No drill"),
    errors.NothingToObserve: (409, "Nothing to observe yet"),
    errors.KeyReused: (422, "Key used before"),
    errors.OverLimit: (429, "Over a limit"),
    errors.HouseFull: (503, "The house is full"),
    errors.StepUnavailable: (503, "A step failed"),
    errors.PartMissing: (503, "A part is missing"),
    errors.CheckoutDied: (503, "The checkout died"),
    errors.SupervisorAway: (503, "The supervisor is away"),
}
REMEDIES = {
    400: "Reload the page, and send the request again.",
    401: "Send the token of your sandbox as `Authorization: Bearer …`, or open the race page in a browser.",
    404: "Look at the address again, or start from the course at /lessons or from the race at /.",
    405: "Use one of the methods that the Allow header names.",
    413: "Send less than 64 KB.",
    429: "Wait a minute, then go on.",
}


class Invalid(errors.TicketwheelError):
    """A request's fields are wrong; `fields` says which, what is wrong, and what is allowed."""

    def __init__(self, fields: list[dict[str, Any]]) -> None:
        self.fields = fields
        super().__init__(" ".join(f"{field['field']}: {field['problem']}." for field in fields))


def init_app(app: Flask) -> None:
    app.register_error_handler(errors.TicketwheelError, _ours)
    app.register_error_handler(CSRFError, lambda error: answer(400, "No valid CSRF token", str(error.description)))
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(BrokerAway, _away)
    app.register_error_handler(DatabaseAway, _away)
    app.register_error_handler(Exception, _unexpected)


def answer(status: int, title: str, detail: str, remedy: str | None = None, **more: Any) -> Response:
    """One problem in the form that the asker reads."""
    problem = {"type": "about:blank", "status": status, "title": title, "detail": detail}
    problem |= {"remedy": remedy or REMEDIES.get(status, "")} | more
    if wants_json():
        response = Response(json.dumps(problem), status, mimetype="application/problem+json")
    elif request_ctx.url_adapter is None:  # the Host header names no host, so a page could not link to anything
        response = Response(f"{title}. {detail}", status, mimetype="text/plain")
    elif by_htmx():
        response = make_response(render_template("_problem.html", problem=problem), status)
    else:
        lost = _lost(detail) if status == 404 else {}
        response = make_response(render_template("errors/problem.html", problem=problem, **lost), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _lost(detail: str) -> dict[str, Any]:
    """For somebody who asked for a page that is not there: what was asked, and the likeliest others."""
    asked = request.path
    return {"asked": pages.shown(asked), "near": pages.near(asked), "no_page": detail == NotFound.description}


def by_htmx() -> bool:
    """The page's own script asks, and swaps a fragment in."""
    return bool(getattr(request, "htmx", False))


def wants_json() -> bool:
    """A script says so, with Accept, with a JSON body or with a token."""
    accepted = request.accept_mimetypes
    if accepted["application/json"] > accepted["text/html"]:
        return True
    return not accepted.accept_html or ("Authorization" in request.headers and "text/html" not in str(accepted))


def _ours(error: errors.TicketwheelError) -> Response:
    if isinstance(error, Invalid):
        return answer(422, "A field is wrong", str(error), remedy="Correct the field.", errors=error.fields)
    status, title = ANSWERS.get(type(error), (500, "An error"))
    if isinstance(error, errors.CountChanged):
        return answer(status, title, str(error), remedy="Look at them again.", count=error.count)
    if not isinstance(error, errors.OverLimit | errors.HouseFull):
        return answer(status, title, str(error), remedy=getattr(error, "remedy", None))
    response = answer(status, title, str(error), remedy=error.remedy, cap=error.cap, limit=error.limit)
    response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _of_http(error: HTTPException) -> Response:
    response = answer(error.code or 500, error.name, error.description or error.name)
    for name, value in error.get_headers():
        if name in ("Allow", "Location", "Retry-After"):
            response.headers[name] = value
    if error.code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if error.code == 429:  # a limit an address and a minute
        response.headers["Retry-After"] = "60"
    return response


def _away(error: Exception) -> Response:
    log.warning("%s %s: %s", request.method, request.path, error)
    what = "queue" if isinstance(error, BrokerAway) else "database"
    response = answer(503, f"The {what} is away", f"The {what} does not answer. Nothing that was accepted is lost.")
    response.headers["Retry-After"] = "2"
    return response


def _unexpected(error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return answer(500, "Our mistake", "Something broke on our side, and it is written in the log.")
