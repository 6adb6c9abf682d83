"""Dead letters: looked at, replayed, deleted, and brought back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lessons import access, letters, problems, requests
from lessons.letters import Question
from workers import dead_letters, deletions, replays
from workers.dead_letters import Chosen
from workers.errors import CountChanged

routes = Blueprint("dead_letters", __name__, url_prefix="/sandboxes/<sandbox>/dead-letters")


@routes.get("")
def index(sandbox: str) -> Response:
    """The kinds of error, and a page of the letters of one kind or of all."""
    access.own(sandbox)
    question = _question()
    if problems.wants_json():
        return jsonify(letters.as_json(letters.view(sandbox, question)))
    tag = letters.tag(sandbox, question)
    if problems.by_htmx() and request.headers.get("HX-PTag") == tag:
        return _polled(make_response("", 304), tag)
    page = "dead_letters/_list.html" if problems.by_htmx() else "dead_letters/show.html"
    return _polled(_rendered(page, sandbox, view=letters.view(sandbox, question), tag=tag), tag)


@routes.get("/<message>")
def show(sandbox: str, message: str) -> Response:
    """One letter with its payload and the traceback of its last try."""
    opened = dead_letters.find(access.own(sandbox), message)
    if problems.wants_json():
        return jsonify(letters.letter(opened))
    page = "dead_letters/_letter.html" if problems.by_htmx() else "dead_letters/letter.html"
    return _rendered(page, sandbox, letter=opened)


@routes.get("/replays")
def progress(sandbox: str) -> Response:
    """How far the newest replay is."""
    known = replays.progress(access.own(sandbox))
    if problems.wants_json():
        return jsonify(letters.progress(known))
    return _rendered("dead_letters/_replay.html", sandbox, replay=known, waiting=True)


@routes.get("/<any(replays,deletions):act>/new")
def confirm(sandbox: str, act: str) -> Response:
    """How many letters an act would be about, for a person to say yes to."""
    return _asked_to_confirm(access.own(sandbox), act, _question())


@routes.post("/replays")
def replay(sandbox: str) -> Response:
    """Back to the queue with all tries: one letter, several, a group or all."""
    access.own(sandbox)
    wanted = requests.read(requests.LettersForm)
    try:
        done = replays.replay(sandbox, _chosen(wanted), wanted.expected)
    except CountChanged as changed:
        return _ask_again(sandbox, "replays", wanted, changed)
    return _accepted(letters.progress(done)) if problems.wants_json() else _back(sandbox)


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
    try:
        deleted = deletions.remove(sandbox, _chosen(wanted), wanted.expected)
    except CountChanged as changed:
        return _ask_again(sandbox, "deletions", wanted, changed)
    done = {"deleted": deleted, "undo_for_s": deletions.UNDO_FOR_S}
    return _accepted(done) if problems.wants_json() else _back(sandbox)


@routes.delete("/deletions")
def restore(sandbox: str) -> Response:
    """Take the deletions of the last half minute back."""
    restored = deletions.restore(access.own(sandbox))
    return jsonify(restored=restored) if problems.wants_json() else _back(sandbox)


@routes.post("/deletions/undo")
def restore_by_form(sandbox: str) -> Response:
    """The same for a form, which cannot send DELETE."""
    return restore(sandbox)


def _question() -> Question:
    asked = requests.asked(requests.LettersAsked)
    return Question(asked.group or None, asked.search, asked.page)


def _chosen(wanted: requests.LettersForm) -> Chosen:
    """Exactly one of the three ways to choose. Raises Invalid."""
    named = [wanted.all, wanted.group, wanted.messages]
    if sum(each is not None for each in named) != 1:
        allowed = {"one of": ["all", "group", "messages"]}
        raise problems.Invalid([{"field": "all", "problem": "name all, a group or messages", "allowed": allowed}])
    return Chosen(bool(wanted.all), wanted.group, tuple(wanted.messages or ()), wanted.search)


def _ask_again(sandbox: str, act: str, wanted: requests.LettersForm, changed: CountChanged) -> Response:
    """A person is asked once more, with the new number; a script is told it."""
    if problems.wants_json() or wanted.messages:
        raise changed
    return _asked_to_confirm(sandbox, act, Question(wanted.group, wanted.search), told=wanted.expected)


def _asked_to_confirm(sandbox: str, act: str, question: Question, told: int | None = None) -> Response:
    count = dead_letters.count(sandbox, question.chosen)
    page = _rendered("dead_letters/confirm.html", sandbox, act=act, question=question, count=count, told=told)
    page.status_code = 200 if told is None else 409
    return page


def _rendered(template: str, sandbox: str, **what: Any) -> Response:
    return make_response(render_template(template, sandbox_id=sandbox, undo_for_s=deletions.UNDO_FOR_S, **what))


def _polled(response: Response, tag: str) -> Response:
    response.headers["HX-PTag"] = tag
    response.headers["Cache-Control"] = "no-store"
    return response


def _accepted(what: object) -> Response:
    response = jsonify(what)
    response.status_code = 202
    return response


def _done(sandbox: str) -> Response:
    """After an act that says nothing; a polled page sees it by itself."""
    quiet = problems.wants_json() or problems.by_htmx()
    return Response(status=204) if quiet else _back(sandbox)


def _back(sandbox: str) -> Response:
    return redirect(url_for("dead_letters.index", sandbox=sandbox), 303)
