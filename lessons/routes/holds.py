"""Holds: workers stand before each action of a step, and a reader lets one of them take its next."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from lessons import access, fault_forms, lab, requests
from workers import holds, limits

routes = Blueprint("holds", __name__, url_prefix="/sandboxes/<sandbox>")


@routes.post("/holds")
def hold(sandbox: str) -> Response:
    """From now on every worker stands at the actions of a step, for a while at most."""
    access.own(sandbox)
    wanted = requests.read(fault_forms.HoldForm)
    limits.check_chaos(sandbox)
    until = holds.start(sandbox, wanted.step, wanted.seconds)
    return lab.acted(step=wanted.step, until=until.isoformat(timespec="milliseconds"))


@routes.delete("/holds")
@routes.post("/holds/end")
def end(sandbox: str) -> Response:
    """Nobody is held any more; the second address is for a form."""
    access.own(sandbox)
    requests.read(requests.NothingForm)
    holds.end(sandbox)
    return lab.acted()


@routes.post("/releases")
def release(sandbox: str) -> Response:
    """A worker that stands takes its next action."""
    access.own(sandbox)
    wanted = requests.read(fault_forms.ReleaseForm)
    holds.release(sandbox, wanted.worker)
    return lab.acted(worker=wanted.worker)
