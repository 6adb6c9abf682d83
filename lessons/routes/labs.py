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
from lessons.lesson import Choice, LessonLab
from lessons.problems import Invalid
from workers import commitments, errors, sandboxes, veil
from workers.sampler import sampler

routes = Blueprint("labs", __name__)
RACE_PREDICTIONS, RACE_OBSERVATIONS = ("1", "6", "13"), ("less", "same", "more")


@routes.get("/lessons/<slug>/lab", defaults={"name": ""})
@routes.get("/lessons/<slug>/labs/<name>")
def show(slug: str, name: str) -> Response:
    """The lab as it is now: what a poll gets, or 304 when nothing has changed."""
    placed = _placed(slug, name)
    sandbox = access.token_sandbox() or access.visitors_sandbox()
    seen = frame.view(sandbox, placed)
    if problems.wants_json():
        return jsonify(_as_json(placed, seen))
    if not problems.by_htmx():
        return redirect(placed.address, 303)
    same = request.headers.get("HX-PTag") == seen.tag
    response = make_response("", 304) if same else _fragment(placed, seen, sandbox)
    response.headers["HX-PTag"] = seen.tag
    response.headers["Cache-Control"] = "no-store"
    return response


@routes.post("/lessons/<slug>/runs", defaults={"name": ""})
@routes.post("/lessons/<slug>/labs/<name>/runs")
@access.limiter.limit("120/minute")
def run(slug: str, name: str) -> Response:
    """Run the lab, and be answered when its customer is."""
    placed = _placed(slug, name)
    wanted = requests.read(frame.form(placed))
    sandbox = _sandbox()
    if placed.content.kind != "drill":
        veil.refuse_in_drill(sandbox)
    sandboxes.wake(sandbox)
    frame.run(sandbox, placed, wanted)
    return _begun(placed, sandbox)


@routes.post("/lessons/<slug>/acts", defaults={"name": ""})
@routes.post("/lessons/<slug>/labs/<name>/acts")
@access.limiter.limit("240/minute")
def act(slug: str, name: str) -> Response:
    """Press a button of a run that its reader leads."""
    placed = _placed(slug, name)
    wanted = requests.read(frame.act_form(placed))
    sandbox = _sandbox()
    sandboxes.wake(sandbox)
    frame.act(sandbox, placed, wanted)
    return _begun(placed, sandbox)


@routes.post("/predictions")
def predict() -> Response:
    """Commit to a prediction before a run."""
    said = requests.read(requests.CommitmentForm)
    sandbox = _sandbox(awake=said.lab == "race")
    if said.lab == "race":
        _check_race(said.choice, RACE_PREDICTIONS)
        commitments.commit(sandbox, said.lab, "prediction", said.choice)
        return jsonify(said.model_dump()) if problems.wants_json() else lab.acted()
    placed = _lab(said.lab)
    frame.predict(sandbox, placed, said.choice)
    return jsonify(said.model_dump()) if problems.wants_json() else _answer(placed, sandbox)


@routes.post("/observations")
def observe() -> Response:
    """Say what was to be seen; the record of the run says whether it was."""
    said = requests.read(requests.CommitmentForm)
    sandbox = _sandbox(awake=said.lab == "race")
    if said.lab == "race":
        return _observe_race(sandbox, said.choice)
    placed = _lab(said.lab)
    found = frame.observe(sandbox, placed, said.choice)
    return jsonify(asdict(found)) if problems.wants_json() else _answer(placed, sandbox, fresh=True)


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


def _placed(slug: str, name: str) -> LessonLab:
    """Raises UnknownLesson."""
    found = course().lesson(slug).named_lab(name)
    if found is None:
        raise errors.UnknownLesson(f"This lesson has no lab at this address. Its first one is at /lessons/{slug}/lab.")
    return found


def _lab(lab_id: str) -> LessonLab:
    """The lab that a form names. Raises Invalid."""
    found = course().lab(lab_id)
    if found is None:
        known = ["race", *(each.id for lesson in course().lessons for each in lesson.labs)]
        raise Invalid([{"field": "lab", "problem": "there is no such lab", "allowed": {"enum": known}}])
    return found


def _begun(placed: LessonLab, sandbox: str) -> Response:
    if not problems.wants_json():
        return _answer(placed, sandbox)
    return lab.accepted({"links": {"self": url_for("labs.show", slug=placed.slug, name=placed.name)}})


def _answer(placed: LessonLab, sandbox: str, fresh: bool = False) -> Response:
    """The lab after an act; a fresh result takes the focus, because the button that brought it has gone."""
    if problems.by_htmx():
        return _fragment(placed, frame.view(sandbox, placed), sandbox, fresh)
    return redirect(placed.address, 303)


def _fragment(placed: LessonLab, seen: frame.View, sandbox: str | None, fresh: bool = False) -> Response:
    lesson = course().lesson(placed.slug)
    shown = {"lesson": lesson, "lab": placed, "view": seen, "sandbox_id": sandbox, "fresh": fresh}
    return make_response(render_template("labs/_lab.html", **shown))


def _id(choice: Choice | None) -> str | None:
    return choice.id if choice else None


def _as_json(placed: LessonLab, seen: frame.View) -> dict[str, Any]:
    said = {"prediction": _id(seen.prediction), "observation": _id(seen.observation)}
    bench = {"running": seen.bench.running, "runs": [as_json(run) for run in seen.bench.runs]} if seen.bench else None
    return {"lab": placed.id, "kind": placed.content.kind, **said, "bench": bench}
