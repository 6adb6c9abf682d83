"""The course: its map, its lessons, and the answers to their quick checks."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lessons import access, problems, progress, reading, requests, run_pairs, voice
from lessons.course import course
from lessons.experiments import Posed
from lessons.labs import frame
from lessons.lesson import Lesson
from lessons.markdown import inline

routes = Blueprint("course", __name__, url_prefix="/lessons")
routes.add_app_template_filter(inline)


@routes.get("")
def index() -> Response:
    """The course map: all lessons in order, with the reader's progress."""
    if problems.wants_json():
        return jsonify([_as_json(lesson) for lesson in course().lessons])
    reader = _reader()
    tallies = progress.of_course(reader, course())
    return make_response(
        render_template("course/index.html", lessons=course().lessons, tallies=tallies, sandbox_id=reader)
    )


@routes.get("/<slug>")
def show(slug: str) -> Response:
    """One lesson; htmx gets the question alone that it wants to try again."""
    lesson = course().lesson(slug)
    if problems.wants_json():
        return jsonify(_as_json(lesson) | {"questions": [each.without_key() for each in lesson.questions]})
    reader, again = _reader(), request.args.get("again", "")
    checks = progress.checks(reader, lesson, again)
    if problems.by_htmx() and again in checks:
        return _fragment(lesson, checks[again])
    reading.mark(reader, lesson)
    beside = {"previous": course().before(lesson), "following": course().after(lesson), "lessons": course().lessons}
    around = {
        "voice": voice.of_lesson(reader, lesson),
        "pairs": {
            each.question.id: run_pairs.under(reader, Posed(each.question, lesson), each.chosen)
            for each in checks.values()
        },
        "views": {lab.name: frame.view(reader, lab) for lab in lesson.labs},
    }
    needs = [course().lesson(needed) for needed in lesson.front.needs if course().find(needed)]
    return make_response(
        render_template(
            "course/show.html", lesson=lesson, checks=checks, needs=needs, sandbox_id=reader, **beside, **around
        )
    )


@routes.post("/<slug>/answers")
@access.limiter.limit("600/minute")
def answer(slug: str) -> Response:
    """Commit to an option of a quick check; only now does its feedback leave the house."""
    lesson = course().lesson(slug)
    given = requests.read(requests.AnswerForm)
    sandbox = access.token_sandbox() or access.visitors_sandbox_or_new(awake=False)
    check = progress.answer(sandbox, lesson, given.question, given.option, given.confidence)
    if problems.wants_json() and check.chosen:
        links = {"lesson": url_for("course.show", slug=slug), "question": _question(lesson, given.question)}
        return jsonify(correct=check.chosen.right, feedback=check.chosen.feedback, links=links)
    if problems.by_htmx():
        return _fragment(lesson, check)
    return redirect(_question(lesson, given.question), 303)


def _reader() -> str | None:
    return access.token_sandbox() or access.visitors_sandbox()


def _fragment(lesson: Lesson, check: progress.Check) -> Response:
    pair = run_pairs.under(_reader(), Posed(check.question, lesson), check.chosen)
    return make_response(render_template("course/_question.html", lesson=lesson, check=check, pair=pair, fresh=True))


def _question(lesson: Lesson, question: str) -> str:
    return url_for("course.show", slug=lesson.slug, _anchor=f"question-{question}")


def _as_json(lesson: Lesson) -> dict[str, Any]:
    here = url_for("course.show", slug=lesson.slug)
    front = lesson.front.model_dump(include={"title", "minutes", "goal"})
    return {"slug": lesson.slug, **front, "links": {"self": here, "answers": f"{here}/answers"}}
