"""Practice mode: one scenario at a time, a score, a summary, and the dates of the reviews."""

from __future__ import annotations

from typing import Any, Literal

from flask import Blueprint, abort, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lessons import access, drills, practice, problems, requests, reviews, run_pairs
from lessons.course import course
from lessons.experiments import Posed
from lessons.practice import Round, Scenario, Turn
from workers.database import utc_now

routes = Blueprint("practice", __name__, url_prefix="/practice")


class RoundForm(requests.Form):
    questions: Literal["all", "missed"]


@routes.get("")
def show() -> Response:
    """The next scenario of the round, or the one that is asked for; after the last one, the summary."""
    now = practice.current_round(_reader())
    asked = _asked()
    if problems.wants_json():
        return jsonify(_as_json(now))
    turn = _anew(now, asked) if asked else now.next
    return _fragment(now, turn) if problems.by_htmx() else _page(now, turn)


@routes.post("/rounds")
@access.limiter.limit("60/minute")
def begin() -> Response:
    """Begin a new round, of all scenarios or of those that were missed in the last one."""
    asked = requests.read(RoundForm).questions
    begun = practice.begin(_keeper(), asked)
    if problems.wants_json():
        return make_response(jsonify(_as_json(begun)), 201, {"Location": url_for("practice.show")})
    return _fragment(begun, begun.next) if problems.by_htmx() else redirect(url_for("practice.show"), 303)


@routes.post("/answers")
@access.limiter.limit("600/minute")
def answer() -> Response:
    """Commit to an option of a scenario; only now does its feedback leave the house."""
    given = requests.read(requests.AnswerForm)
    now, turn = practice.answer(_keeper(), given.question, given.option, given.confidence)
    if problems.wants_json() and turn.last and turn.chosen:
        told = {"correct": turn.last.correct, "feedback": turn.chosen.feedback, "score": now.score}
        return jsonify(told | {"of": len(now.scenarios), "links": _links(turn.scenario)})
    if problems.by_htmx():
        return _fragment(now, turn)
    return redirect(url_for("practice.show", question=given.question), 303)


@routes.get("/review.ics")
def review() -> Response:
    """The three dates as a file for any calendar; the day of asking is the one in UTC."""
    page = url_for("practice.show", _external=True)
    response = make_response(reviews.calendar(utc_now().date(), page))
    response.headers["Content-Type"] = "text/calendar; charset=utf-8; method=PUBLISH"
    response.headers["Content-Disposition"] = 'attachment; filename="ticketwheel-review.ics"'
    response.headers["Cache-Control"] = "no-cache"
    return response


def _reader() -> str | None:
    return access.token_sandbox() or access.visitors_sandbox()


def _keeper() -> str:
    return access.token_sandbox() or access.visitors_sandbox_or_new(awake=False)


def _asked() -> Scenario | None:
    """The scenario that the address names, if it names one."""
    named = request.args.get("question")
    scenario = practice.find(named) if named else None
    if named and scenario is None:
        abort(404, "There is no such scenario. The practice is at /practice.")
    return scenario


def _anew(now: Round, asked: Scenario) -> Turn:
    """What was answered, or the bare scenario for who wants to try it again."""
    return Turn(asked) if "again" in request.args else now.turn(asked)


def _fragment(now: Round, turn: Turn | None) -> Response:
    return make_response(render_template("practice/_round.html", **_shown(now, turn), fresh=True))


def _page(now: Round, turn: Turn | None) -> Response:
    return make_response(render_template("practice/show.html", **_shown(now, turn), sandbox_id=_reader()))


def _shown(now: Round, turn: Turn | None) -> dict[str, Any]:
    lessons, reader = course().lessons, _reader()
    about = course().find(turn.scenario.lesson) if turn else None
    return {
        "round": now,
        "turn": turn,
        "about": about,
        "tallies": [] if turn else now.by_lesson(lessons),
        "review_dates": reviews.dates(utc_now().date()),
        "reader": reader,
        "pair": run_pairs.under(reader, Posed(turn.scenario), turn.chosen) if turn else None,
        "drill": drills.watch(reader) if reader and turn is None else None,
    }


def _as_json(now: Round) -> dict[str, Any]:
    questions = [scenario.without_key() for scenario in now.scenarios]
    upcoming = now.next.scenario.id if now.next else None
    counts = {"score": now.score, "answered": now.answered, "of": len(now.scenarios)}
    return {"questions": questions, "next": upcoming, **counts, "links": _links()}


def _links(scenario: Scenario | None = None) -> dict[str, str]:
    links = {
        "self": url_for("practice.show"),
        "answers": url_for("practice.answer"),
        "rounds": url_for("practice.begin"),
        "review": url_for("practice.review"),
        "drills": url_for("drills.start_here"),
    }
    if scenario:
        links["question"] = url_for("practice.show", question=scenario.id)
        links["lesson"] = url_for("course.show", slug=scenario.lesson)
    return links
