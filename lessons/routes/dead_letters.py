"""Dead letters: looked at, repaired, replayed, deleted, and brought back."""

from __future__ import annotations

from flask import Blueprint, jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from lessons import access, choosing, fault_forms, lab, letters, letters_as_json, problems, requests
from workers import dead_letters, deletions, repairs, replays
from workers.chosen import Chosen
from workers.errors import CountChanged

routes = Blueprint("dead_letters", __name__, url_prefix="/sandboxes/<sandbox>/dead-letters")


@routes.get("")
def index(sandbox: str) -> Response:
    """The kinds of error, and a page of the letters of one kind or of all."""
    access.own(sandbox)
    question = choosing.question()
    if problems.wants_json():
        return jsonify(letters_as_json.view(letters.view(sandbox, question)))
    tag = letters.tag(sandbox, question)
    if problems.by_htmx() and request.headers.get("HX-PTag") == tag:
        return _polled(make_response("", 304), tag)
    page = "dead_letters/_list.html" if problems.by_htmx() else "dead_letters/show.html"
    return _polled(choosing.rendered(page, sandbox, view=letters.view(sandbox, question), tag=tag), tag)


@routes.get("/<message>")
def show(sandbox: str, message: str) -> Response:
    """One letter with its payload and the traceback of its last try."""
    opened = dead_letters.find(access.own(sandbox), message)
    email = repairs.email_of(opened, sandbox)
    if problems.wants_json():
        return jsonify(letters_as_json.letter(opened) | {"email": email})
    page = "dead_letters/_letter.html" if problems.by_htmx() else "dead_letters/letter.html"
    return choosing.rendered(page, sandbox, letter=opened, email=email)


@routes.patch("/<message>")
def repair(sandbox: str, message: str) -> Response:
    """Correct the e-mail address of its order; the letter stays where it is until it is replayed."""
    access.own(sandbox)
    repairs.correct_email(sandbox, message, requests.read(fault_forms.RepairForm).email)
    return show(sandbox, message)


@routes.post("/<message>/repairs")
def repair_by_form(sandbox: str, message: str) -> Response:
    """The same for a form, which cannot send PATCH."""
    access.own(sandbox)
    repairs.correct_email(sandbox, message, requests.read(fault_forms.RepairForm).email)
    return redirect(url_for("dead_letters.show", sandbox=sandbox, message=message), 303)


@routes.get("/replays")
def progress(sandbox: str) -> Response:
    """How far the newest replay is."""
    known = replays.progress(access.own(sandbox))
    if problems.wants_json():
        return jsonify(letters_as_json.progress(known))
    return choosing.rendered("dead_letters/_replay.html", sandbox, replay=known, waiting=True)


@routes.get("/<any(replays,deletions):act>/new")
def confirm(sandbox: str, act: str) -> Response:
    """How many letters an act would be about, for a person to say yes to."""
    return choosing.ask(access.own(sandbox), act, choosing.question())


@routes.post("/replays")
def replay(sandbox: str) -> Response:
    """Back to the queue with all tries: one letter, several, a group or all."""
    access.own(sandbox)
    wanted = requests.read(requests.LettersForm)
    try:
        done = replays.replay(sandbox, choosing.chosen(wanted), wanted.expected)
    except CountChanged as changed:
        return choosing.ask_again(sandbox, "replays", wanted, changed)
    return lab.accepted(letters_as_json.progress(done)) if problems.wants_json() else _back(sandbox)


@routes.delete("/replays")
def stop_replay(sandbox: str) -> Response:
    """A replay that runs ends after the letters that it is at."""
    replays.stop(access.own(sandbox))
    return _done(sandbox)


@routes.post("/replays/stop")
def stop_replay_by_form(sandbox: str) -> Response:
    """The same for a form, which cannot send DELETE."""
    return stop_replay(sandbox)


@routes.delete("/<message>")
def delete_one(sandbox: str, message: str) -> Response:
    """Delete one letter; it can be brought back for half a minute."""
    dead_letters.find(access.own(sandbox), message)
    deletions.remove(sandbox, Chosen(messages=(message,)))
    return _done(sandbox)


@routes.delete("")
def delete(sandbox: str) -> Response:
    """Delete a group, or all with `?all=true`."""
    access.own(sandbox)
    asked = requests.asked(requests.LettersAsked)
    wanted = requests.LettersForm(all=asked.all, group=asked.group, search=asked.search, expected=asked.expected)
    deletions.remove(sandbox, choosing.chosen(wanted), wanted.expected)
    return _done(sandbox)


@routes.post("/deletions")
def delete_by_form(sandbox: str) -> Response:
    """Delete one letter, several, a group or all; what was deleted is told."""
    access.own(sandbox)
    wanted = requests.read(requests.LettersForm)
    try:
        deleted = deletions.remove(sandbox, choosing.chosen(wanted), wanted.expected)
    except CountChanged as changed:
        return choosing.ask_again(sandbox, "deletions", wanted, changed)
    done = {"deleted": deleted, "undo_for_s": deletions.UNDO_FOR_S}
    return lab.accepted(done) if problems.wants_json() else _back(sandbox)


@routes.delete("/deletions")
def restore(sandbox: str) -> Response:
    """Take the deletions of the last half minute back."""
    restored = deletions.restore(access.own(sandbox))
    return jsonify(restored=restored) if problems.wants_json() else _back(sandbox)


@routes.post("/deletions/undo")
def restore_by_form(sandbox: str) -> Response:
    """The same for a form, which cannot send DELETE."""
    return restore(sandbox)


def _polled(response: Response, tag: str) -> Response:
    response.headers["HX-PTag"] = tag
    response.headers["Cache-Control"] = "no-store"
    return response


def _done(sandbox: str) -> Response:
    """After an act that says nothing; a polled page sees it by itself."""
    quiet = problems.wants_json() or problems.by_htmx()
    return Response(status=204) if quiet else _back(sandbox)


def _back(sandbox: str) -> Response:
    return redirect(url_for("dead_letters.index", sandbox=sandbox), 303)
