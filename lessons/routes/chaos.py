"""Crashes, freezes, outages, wipes, floods, poison and duplicates, and the calm after them."""

from __future__ import annotations

from flask import Blueprint, g
from werkzeug.wrappers import Response

from lessons import access, fault_forms, lab, requests, slots
from lessons.load_forms import FloodForm
from workers import calm as calming
from workers import fleet, floods, freezes, limits, mischief, outages, veil, wipes

routes = Blueprint("chaos", __name__, url_prefix="/sandboxes/<sandbox>")


@routes.post("/crashes")
def crash(sandbox: str) -> Response:
    """SIGKILL to a real worker, now or when it gets to a named place."""
    access.own(sandbox)
    wanted = requests.read(fault_forms.CrashForm)
    if wanted.at != "now":  # to kill a worker that is stuck is a way to mend it
        veil.refuse_in_drill(sandbox)
    limits.check_chaos(sandbox)
    done = fleet.wish_crash(sandbox, wanted.victim, wanted.at)
    return lab.acted(worker=done.worker, pid=done.pid, signal="SIGKILL", at=done.place)


@routes.delete("/crashes")
@routes.post("/crashes/disarm")
def disarm(sandbox: str) -> Response:
    """No armed crash will happen any more; the second address is for a form."""
    access.own(sandbox)
    requests.read(requests.NothingForm)
    fleet.disarm(sandbox)
    return lab.acted()


@routes.post("/freezes")
def freeze(sandbox: str) -> Response:
    """SIGSTOP to a real worker, now or when it gets to a named place; it goes on by itself after a while."""
    access.own(sandbox)
    wanted = requests.read(fault_forms.FreezeForm)
    veil.refuse_in_drill(sandbox)
    limits.check_chaos(sandbox)
    done = freezes.wish(sandbox, wanted.victim, wanted.seconds, wanted.at)
    until = done.until.isoformat(timespec="milliseconds") if done.pid else None
    return lab.acted(worker=done.worker, pid=done.pid, signal="SIGSTOP", at=done.place, until=until)


@routes.delete("/freezes")
@routes.post("/thaws")
def thaw(sandbox: str) -> Response:
    """SIGCONT to all of them; the second address is for a form, which cannot send DELETE."""
    access.own(sandbox)
    requests.read(requests.NothingForm)
    freezes.wish_thaw(sandbox)
    return lab.acted()


@routes.post("/outages")
def outage(sandbox: str) -> Response:
    """The partner is in trouble, and up again by itself after a while."""
    access.own(sandbox)
    wanted = requests.read(fault_forms.OutageForm)
    veil.refuse_in_drill(sandbox)
    limits.check_chaos(sandbox)
    until = outages.start(sandbox, wanted.partner, wanted.seconds)
    return lab.acted(**wanted.model_dump(), until=until.isoformat(timespec="milliseconds"))


@routes.delete("/outages")
@routes.post("/recoveries")
def recover(sandbox: str) -> Response:
    """The outage that goes on is over; the second address is for a form."""
    access.own(sandbox)
    requests.read(requests.NothingForm)
    outages.end(sandbox)
    return lab.acted()


@routes.post("/wipes")
def wipe(sandbox: str) -> Response:
    """The broker forgets everything of this sandbox."""
    access.own(sandbox)
    requests.read(requests.NothingForm)
    veil.refuse_in_drill(sandbox)
    limits.check_chaos(sandbox)
    messages = wipes.wipe(sandbox)
    return lab.acted(messages=messages)


@routes.post("/floods")
def flood(sandbox: str) -> Response:
    """Customers at an even pace, each a real request."""
    access.own(sandbox)
    wanted = requests.read(FloodForm)
    veil.refuse_in_drill(sandbox)
    limits.check_chaos(sandbox)
    token = access.token_for(sandbox)
    floods.start(sandbox, wanted.per_second, wanted.seconds, token, wanted.checkout, wanted.about)
    return lab.acted(**wanted.model_dump())


@routes.delete("/floods")
@routes.post("/floods/stop")
def stop_flood(sandbox: str) -> Response:
    """No further customer comes; the second address is for a form."""
    access.own(sandbox)
    requests.read(requests.NothingForm)
    floods.stop(sandbox)
    return lab.acted()


@routes.post("/poison")
def poison(sandbox: str) -> Response:
    """An order whose message fails whenever it is tried, with an error or with the death of its worker."""
    access.own(sandbox)
    wanted = requests.read(fault_forms.PoisonForm)
    veil.refuse_in_drill(sandbox)
    limits.check_chaos(sandbox)
    with slots.place(sandbox, "later"):
        placed = mischief.place_poison(sandbox, g.began, wanted.kind)
    return lab.acted(order=placed.order.number, email=placed.order.email, kind=wanted.kind)


@routes.post("/duplicates")
def duplicate(sandbox: str) -> Response:
    """An order's message is on its queue once more."""
    access.own(sandbox)
    wanted = requests.read(fault_forms.DuplicateForm)
    veil.refuse_in_drill(sandbox)
    limits.check_chaos(sandbox)
    message = mischief.duplicate(sandbox, wanted.order)
    return lab.acted(order=wanted.order, message=message)


@routes.post("/calm")
def calm(sandbox: str) -> Response:
    """End all chaos; settings and workers go back to their defaults."""
    access.own(sandbox)
    requests.read(requests.NothingForm)
    calming.restore(sandbox)
    return lab.acted(links=lab.links(sandbox))
