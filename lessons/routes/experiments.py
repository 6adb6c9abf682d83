"""Experiments: an option of a question, run on live workers; each run has an address that stays."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from lessons import access, answer_key, experiment_view, experiments, problems, requests, run_pairs
from lessons.experiment_view import View
from lessons.experiments import Posed
from lessons.quiz import Option
from workers import answers
from workers.settings import current

routes = Blueprint("experiments", __name__, url_prefix="/experiments")


class ExperimentForm(requests.Form):
    """An option that is to be run, as it is or with one setting changed; a form says that as “workers=4”."""

    question: Annotated[str, Field(min_length=1, max_length=90)]
    option: Annotated[str, Field(min_length=1, max_length=40)]
    changes: dict[str, Any] | None = None
    setting: Annotated[str, Field(max_length=60)] | None = None
    beside: bool = False  # the one that holds is run as well


class LookForm(requests.Form):
    """Up to which event a run is to be shown."""

    step: Annotated[int, Field(ge=0, le=10**6)] | None = None


@routes.get("")
def index() -> Response:
    """The answer key, proven: for each option how often its consequence was shown."""
    reader = _reader()
    report = answer_key.report(reader)
    if problems.wants_json():
        return jsonify(report.as_json())
    return make_response(render_template("experiments/index.html", report=report, sandbox_id=reader))


@routes.post("")
@access.limiter.limit("120/minute")
def run() -> Response:
    """Stand in line with an option; only for those who have answered its question."""
    wanted = requests.read(ExperimentForm)
    reader = access.token_sandbox() or access.visitors_sandbox_or_new(awake=False)
    posed = experiments.find(wanted.question)
    if wanted.beside and posed and not problems.wants_json():
        run_pairs.run(reader, posed, wanted.option)
        return _pair(reader, posed) if problems.by_htmx() else redirect(_place(posed), 303)
    changes = wanted.changes or experiments.said(wanted.setting)
    number = experiments.ask(reader, wanted.question, wanted.option, changes)
    if not problems.wants_json():
        return redirect(url_for("experiments.show", number=number), 303)
    response = make_response(jsonify(_as_json(experiment_view.look(number))), 202)
    response.headers["Location"] = url_for("experiments.show", number=number)
    return response


@routes.get("/<number>")
def show(number: str) -> Response:
    """One run: the page, the fragment that is polled while it is under way, or all of it as JSON."""
    seen = experiment_view.look(number, requests.asked(LookForm).step)
    if problems.wants_json():
        return jsonify(_as_json(seen))
    if problems.by_htmx():
        return _polled(seen)
    what_if = experiments.changeable(seen.run.asked.scenario) if seen.option else {}
    page = render_template("experiments/show.html", view=seen, what_if=what_if, keys=KEYS, sandbox_id=_reader())
    return make_response(page)


@routes.get("/<number>/embed")
def embed(number: str) -> Response:
    """The same alone, for a frame on another page, where the operator allows that."""
    seen = experiment_view.look(number, requests.asked(LookForm).step)
    response = make_response(render_template("experiments/embed.html", view=seen))
    policy, allowed = access.HEADERS["Content-Security-Policy"], current().embed_origins
    if allowed:
        policy = policy.replace("frame-ancestors 'none'", f"frame-ancestors {allowed}")
    response.headers["Content-Security-Policy"] = policy
    return response


def _polled(seen: View) -> Response:
    """A fragment of a question's page: it is polled until its run is over."""
    same = request.headers.get("HX-PTag") == seen.tag
    response = make_response("" if same else render_template("experiments/_run.html", view=seen), 304 if same else 200)
    response.headers["HX-PTag"] = seen.tag
    response.headers["Cache-Control"] = "no-store"
    return response


def _pair(reader: str, posed: Posed) -> Response:
    pair = run_pairs.under(reader, posed, _chosen(reader, posed))
    return make_response(render_template("experiments/_pair.html", pair=pair, fresh=True))


def _chosen(reader: str, posed: Posed) -> Option | None:
    given = answers.latest(reader, posed.where).get((posed.where, posed.question.id))
    return posed.question.option(given.option) if given else None


def _place(posed: Posed) -> str:
    """The page on which the question is asked."""
    anchor = f"runs-{posed.question.id}"
    if posed.lesson:
        return url_for("course.show", slug=posed.lesson.slug, _anchor=anchor)
    return url_for("practice.show", question=posed.question.id, _anchor=anchor)


def _reader() -> str | None:
    return access.token_sandbox() or access.visitors_sandbox()


def _as_json(seen: View) -> dict[str, Any]:
    here = url_for("experiments.show", number=seen.run.id)
    return seen.as_json() | {"links": {"self": here, "embed": f"{here}/embed"}}


KEYS = (
    ("?", "show and hide this list"),
    ("←", "one event back"),
    ("→", "one event on"),
    ("home", "the beginning"),
    ("end", "the end"),
)
