"""The labs in the lessons: predicted, run, watched, observed. The race has its lab on a page of its own."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lessons import access, lab, problems, requests
from lessons.course import course
from lessons.labs import frame
from lessons.labs.measured import as_json
from lessons.lesson import Choice, Lesson
from lessons.problems import Invalid
from workers import commitments, errors, sandboxes, veil
from workers.sampler import sampler

routes = Blueprint("labs", __name__)
RACE_PREDICTIONS, RACE_OBSERVATIONS = ("1", "6", "13"), ("less", "same", "more")


@routes.get("/lessons/<slug>/lab")
def show(slug: str) -> Response:
    """The lab as it is now: what a poll gets, or 304 when nothing has changed."""
    lesson = course().lesson(slug)
    sandbox = access.token_sandbox() or access.visitors_sandbox()
    seen = frame.view(sandbox, lesson)
    if problems.wants_json():
        return jsonify(_as_json(lesson, seen))
    if not problems.by_htmx():
        return redirect(_place(lesson), 303)
    same = request.headers.get("HX-PTag") == seen.tag
    response = make_response("", 304) if same else _fragment(lesson, seen, sandbox)
    response.headers["HX-PTag"] = seen.tag
    response.headers["Cache-Control"] = "no-store"
    return response


@routes.post("/lessons/<slug>/runs")
@access.limiter.limit("120/minute")
def run(slug: str) -> Response:
    """Run the lab, and be answered when its customer is."""
    lesson = course().lesson(slug)
    wanted = requests.read(frame.form(lesson))
    sandbox = _sandbox()
    if lesson.lab.kind != "drill":
        veil.refuse_in_drill(sandbox)
    sandboxes.wake(sandbox)
    frame.run(sandbox, lesson, wanted)
    if problems.wants_json():
        response = jsonify(links={"self": url_for("labs.show", slug=slug)})
        response.status_code = 202
        return response
    return _answer(lesson, sandbox)


@routes.post("/predictions")
def predict() -> Response:
    """Commit to a prediction before a run."""
    said = requests.read(requests.CommitmentForm)
    sandbox = _sandbox(awake=said.lab == "race")
    if said.lab == "race":
        _check_race(said.choice, RACE_PREDICTIONS)
        commitments.commit(sandbox, said.lab, "prediction", said.choice)
        return jsonify(said.model_dump()) if problems.wants_json() else lab.acted()
    lesson = _lesson(said.lab)
    frame.predict(sandbox, lesson, said.choice)
    return jsonify(said.model_dump()) if problems.wants_json() else _answer(lesson, sandbox)


@routes.post("/observations")
def observe() -> Response:
    """Say what was to be seen; the record of the run says whether it was."""
    said = requests.read(requests.CommitmentForm)
    sandbox = _sandbox(awake=said.lab == "race")
    if said.lab == "race":
        return _observe_race(sandbox, said.choice)
    lesson = _lesson(said.lab)
    found = frame.observe(sandbox, lesson, said.choice)
    return jsonify(asdict(found)) if problems.wants_json() else _answer(lesson, sandbox, fresh=True)


def _observe_race(sandbox: str, choice: str) -> Response:
    _check_race(choice, RACE_OBSERVATIONS)
    found = lab.observation(sampler().latest(sandbox, fresh=True), choice)
    if found is None:
        raise errors.NothingToObserve("There is no finished race. Place the order both ways, then say what you saw.")
    commitments.commit(sandbox, "race", "observation", choice)
    if problems.wants_json():
        return jsonify(agrees=found["agrees"], evidence=found["evidence"])
    return lab.whole(sandbox) if problems.by_htmx() else redirect(url_for("race.show"), 303)


def _check_race(choice: str, known: tuple[str, ...]) -> None:
    if choice not in known:
        raise Invalid([{"field": "choice", "problem": "the race has no such choice", "allowed": {"enum": [*known]}}])


def _sandbox(awake: bool = True) -> str:
    return access.token_sandbox() or access.visitors_sandbox_or_new(awake)


def _lesson(name: str) -> Lesson:
    found = course().find(name)
    if found is None:
        known = ["race", *(lesson.slug for lesson in course().lessons)]
        raise Invalid([{"field": "lab", "problem": "there is no such lab", "allowed": {"enum": known}}])
    return found


def _answer(lesson: Lesson, sandbox: str, fresh: bool = False) -> Response:
    """The lab after an act; a fresh result takes the focus, because the button that brought it has gone."""
    if problems.by_htmx():
        return _fragment(lesson, frame.view(sandbox, lesson), sandbox, fresh)
    return redirect(_place(lesson), 303)


def _fragment(lesson: Lesson, seen: frame.View, sandbox: str | None, fresh: bool = False) -> Response:
    shown = {"lesson": lesson, "lab": lesson.lab, "view": seen, "sandbox_id": sandbox, "fresh": fresh}
    return make_response(render_template("labs/_lab.html", **shown))


def _place(lesson: Lesson) -> str:
    return url_for("course.show", slug=lesson.slug, _anchor="lesson-lab")


def _id(choice: Choice | None) -> str | None:
    return choice.id if choice else None


def _as_json(lesson: Lesson, seen: frame.View) -> dict[str, Any]:
    said = {"prediction": _id(seen.prediction), "observation": _id(seen.observation)}
    bench = {"running": seen.bench.running, "runs": [as_json(run) for run in seen.bench.runs]} if seen.bench else None
    return {"lab": lesson.slug, "kind": lesson.lab.kind, **said, "bench": bench}
