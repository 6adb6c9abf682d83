"""Was this helpful? What a reader says of a lesson, over HTTP, and how an answer to her looks."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from lessons import access, problems, requests, voice
from lessons.course import course
from lessons.lesson import Lesson
from lessons.plain_text import at_most
from workers import remarks

routes = Blueprint("voice", __name__, url_prefix="/lessons/<slug>/remarks")


class RemarkForm(requests.Form):
    helpful: bool
    remark: Annotated[
        str, at_most(voice.REMARK_AT_MOST), Field(json_schema_extra={"maxLength": voice.REMARK_AT_MOST})
    ] = ""


@routes.post("")
@access.limiter.limit("60/minute")
def remark(slug: str) -> AnyResponse:
    """Say whether the lesson helped; the last word counts."""
    lesson, said = course().lesson(slug), requests.read(RemarkForm)
    kept = remarks.keep(reader_or_new(), lesson.slug, said.helpful, said.remark or None)
    if problems.wants_json():
        return jsonify(helpful=kept.helpful, remark=kept.remark, at=kept.at.isoformat(), links={"self": request.path})
    return answer(lesson, "_helpful", "Thank you. Your word is kept, and you can change it here.")


@routes.delete("")
@routes.post("/deletion")
def take_back(slug: str) -> AnyResponse:
    """Take one's word back."""
    lesson, mine = course().lesson(slug), reader()
    requests.read(requests.NothingForm)
    if mine:
        remarks.take_back(mine, lesson.slug)
    return answer(lesson, "_helpful", "Your word is taken back.")


def reader() -> str | None:
    return access.token_sandbox() or access.visitors_sandbox()


def reader_or_new() -> str:
    return access.token_sandbox() or access.visitors_sandbox_or_new(awake=False)


def answer(lesson: Lesson, fragment: str, done: str) -> AnyResponse:
    """The fragment for htmx, with what was done; the way back for a plain form; nothing for a script that knows."""
    if problems.wants_json():
        return Response(status=204)
    if not problems.by_htmx():
        return redirect(url_for("course.show", slug=lesson.slug, _anchor="voice"), 303)
    said = voice.of_lesson(reader(), lesson)
    return make_response(render_template(f"voice/{fragment}.html", lesson=lesson, voice=said, done=done))
