"""The race: one order, both ways, side by side."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from lessons import access, lab, problems, requests, slots
from lessons.labs import frame
from workers import commitments, placing, sandboxes
from workers.shop.orders import Order

routes = Blueprint("race", __name__)


@routes.get("/")
def show() -> Response:
    """The race page."""
    return lab.page(access.visitors_sandbox())


@routes.post("/races")
@access.limiter.limit("600/minute")
def start() -> Response:
    """Place one order both ways: the browser does it with two requests, or this one does it without JavaScript."""
    wanted = requests.read(requests.RaceForm)
    sandbox = _sandbox()
    sandboxes.wake(sandbox)
    frame.leave(sandbox)
    race = secrets.token_hex(6)
    commitments.forget(sandbox, "race", "observation")
    if wanted.prediction:
        commitments.commit(sandbox, "race", "prediction", wanted.prediction)
    if problems.by_htmx():
        return lab.started(sandbox, race)
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda way: _place(sandbox, way, race), ("now", "later")))
    return redirect(url_for("race.show"), 303)


def _sandbox() -> str:
    return access.token_sandbox() or access.visitors_sandbox_or_new()


def _place(sandbox: str, way: str, race: str) -> None:
    with slots.place(sandbox, way):
        placing.place(Order(sandbox, 0, checkout=way, race=race))
