"""Dead letters: looked at, replayed, deleted, and brought back."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, url_for
from werkzeug.wrappers import Response

from lessons import access, letters, problems, requests
from workers import dead_letters, deletions, replays
from workers.dead_letters import Chosen

routes = Blueprint("dead_letters", __name__, url_prefix="/sandboxes/<sandbox>/dead-letters")


@routes.get("")
def index(sandbox: str) -> Response:
    """The kinds of error, and a page of the letters of one kind or of all."""
    access.own(sandbox)
    asked = requests.asked(requests.LettersAsked)
    return jsonify(letters.overview(sandbox, asked.group, asked.search, asked.page))


@routes.get("/<message>")
def show(sandbox: str, message: str) -> Response:
    """One letter with its payload and the traceback of its last try."""
    return jsonify(letters.letter(dead_letters.find(access.own(sandbox), message)))


@routes.post("/replays")
def replay(sandbox: str) -> Response:
    """Back to the queue with all tries: one letter, several, a group or all."""
    access.own(sandbox)
    wanted = requests.read(requests.LettersForm)
    done = replays.replay(sandbox, _chosen(wanted), wanted.expected)
    if not problems.wants_json():
        return _back(sandbox)
    return _accepted(letters.progress(done))


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
    deletions.remove(sandbox, _chosen(wanted), wanted.expected)
    return _done(sandbox)


@routes.post("/deletions")
def delete_by_form(sandbox: str) -> Response:
    """Delete one letter, several, a group or all; what was deleted is told."""
    access.own(sandbox)
    wanted = requests.read(requests.LettersForm)
    deleted = deletions.remove(sandbox, _chosen(wanted), wanted.expected)
    if not problems.wants_json():
        return _back(sandbox)
    return _accepted({"deleted": deleted, "undo_for_s": deletions.UNDO_FOR_S})


@routes.delete("/deletions")
def restore(sandbox: str) -> Response:
    """Take the deletions of the last half minute back."""
    restored = deletions.restore(access.own(sandbox))
    if not problems.wants_json():
        return _back(sandbox)
    return jsonify(restored=restored)


@routes.post("/deletions/undo")
def restore_by_form(sandbox: str) -> Response:
    """The same for a form, which cannot send DELETE."""
    return restore(sandbox)


def _chosen(wanted: requests.LettersForm) -> Chosen:
    """Exactly one of the three ways to choose. Raises Invalid."""
    named = [wanted.all, wanted.group, wanted.messages]
    if sum(each is not None for each in named) != 1:
        allowed = {"one of": ["all", "group", "messages"]}
        raise problems.Invalid([{"field": "all", "problem": "name all, a group or messages", "allowed": allowed}])
    return Chosen(bool(wanted.all), wanted.group, tuple(wanted.messages or ()), wanted.search)


def _accepted(what: object) -> Response:
    response = jsonify(what)
    response.status_code = 202
    return response


def _done(sandbox: str) -> Response:
    return Response(status=204) if problems.wants_json() else _back(sandbox)


def _back(sandbox: str) -> Response:
    return redirect(url_for("dead_letters.index", sandbox=sandbox), 303)
