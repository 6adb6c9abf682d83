"""The answers that several routes share: the lab's page, its polled fragment, and what follows an act."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import jsonify, make_response, redirect, render_template, request, url_for
from htmx_flask import make_response as make_htmx_response
from werkzeug.wrappers import Response

from lessons import code, problems, race
from lessons.problems import by_htmx
from workers import commitments
from workers.database import utc_now
from workers.sampler import sampler
from workers.snapshot import Snapshot


def page(sandbox: str | None) -> Response:
    """The race page, of a sandbox or before there is one."""
    return make_response(render_template("race/show.html", **context(_newest(sandbox))))


def fragment(sandbox: str) -> Response:
    """What a poll gets: the very fragment that the page includes, or 304 when nothing has changed."""
    snapshot = sampler().latest(sandbox)
    if request.headers.get("HX-PTag") == snapshot.tag:
        return _polled(make_response("", 304), snapshot.tag)
    return _polled(_fragment(snapshot), snapshot.tag)


def started(sandbox: str, race_id: str) -> Response:
    """The fragment that begins a race: the browser itself places both orders when it arrives."""
    return _fragment(sampler().latest(sandbox, fresh=True), race_id)


def whole(sandbox: str) -> Response:
    """The fragment as it is now, whatever the asker has seen before."""
    return _fragment(sampler().latest(sandbox))


def context(snapshot: Snapshot | None, race_id: str | None = None) -> dict[str, Any]:
    """What the race's templates are given."""
    chosen = commitments.of_lab(snapshot.id, "race") if snapshot else {}
    return {
        "view": race.view(snapshot, utc_now(), starting=race_id is not None),
        "snapshot": snapshot,
        "sandbox_id": snapshot.id if snapshot else None,
        "tag": snapshot.tag if snapshot else "",
        "starting": race_id is not None,
        "race": race_id,
        "prediction": chosen.get("prediction"),
        "observation": observation(snapshot, chosen.get("observation")),
        "code": {way: code.sample(f"workers.checkout:check_out_{way}") for way in ("now", "later")},
    }


def observation(snapshot: Any, choice: str | None) -> dict[str, Any] | None:
    """The reader's answer, held against the record of this run; None before both are there."""
    if snapshot is None or choice is None or not race.finished(snapshot.race):
        return None
    found = race.evidence(snapshot.race)
    return {"choice": choice, "agrees": found.holds == choice, "evidence": found.text}


def acted(**told: Any) -> Response:
    """After an act: back to the page for a plain form, nothing to swap for htmx, since the poll shows the effect.

    A script is told what was done, if there is something to tell.
    """
    if told and problems.wants_json():
        return accepted(told)
    if by_htmx() or problems.wants_json():
        return make_htmx_response("", 204)  # type: ignore[no-any-return]
    return redirect(came_from(), 303)


def accepted(what: Any) -> Response:
    """What a script is told of something that it began."""
    response = jsonify(what)
    response.status_code = 202
    return response


def came_from() -> str:
    """The page on which a plain form was sent: the control room, or else the race."""
    room = url_for("control_room.show")
    return room if urlsplit(request.referrer or "").path == room else url_for("race.show")


def links(sandbox: str) -> dict[str, str]:
    """Where a script finds the parts of a sandbox."""
    here = url_for("sandboxes.show", sandbox=sandbox)
    shop = ("orders", "tickets", "bestsellers", "inbox", "deliveries", "dead-letters", "events")
    chaos = ("crashes", "freezes", "outages", "wipes", "floods", "poison", "duplicates", "drills")
    stepping = ("holds", "releases", "calm")
    return {"self": here} | {part: f"{here}/{part}" for part in (*shop, *chaos, *stepping)}


def _newest(sandbox: str | None) -> Snapshot | None:
    return sampler().latest(sandbox, fresh=True) if sandbox else None


def _fragment(snapshot: Snapshot, race_id: str | None = None) -> Response:
    return make_response(render_template("race/_lab.html", **context(snapshot, race_id)))


def _polled(response: Response, tag: str) -> Response:
    response.headers["HX-PTag"] = tag
    response.headers["Cache-Control"] = "no-store"
    return response
