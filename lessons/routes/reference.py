"""The pages to come back to: the cheat sheet, also as a PDF, the plan for Monday, and what this place is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template

from lessons import access, problems, reference
from lessons.course import course
from lessons.toml_files import Schema

routes = Blueprint("reference", __name__)


@routes.get("/cheat-sheet")
def cheat_sheet() -> Response:
    """The whole course on one page, which is printed on one as well."""
    return _shown("cheat_sheet", reference.cheat_sheet())


@routes.get("/cheat-sheet.pdf")
def cheat_sheet_pdf() -> Response:
    """The same words as a PDF."""
    from lessons import sheet  # with a library that nobody should wait for at the start

    response = Response(sheet.pdf(), mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="ticketwheel-cheat-sheet.pdf"'
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@routes.get("/monday")
def monday() -> Response:
    """What to do next, for three readers."""
    return _shown("monday", reference.monday())


@routes.get("/about")
def about() -> Response:
    """What is real here, what is not, and what is kept about a visitor."""
    return _shown("about", reference.about())


def _shown(name: str, content: Schema) -> Response:
    if problems.wants_json():
        return jsonify(content.model_dump())
    reader = access.token_sandbox() or access.visitors_sandbox()
    values: dict[str, Any] = {"page": content, "titles": titles(), "sandbox_id": reader}
    return make_response(render_template(f"reference/{name}.html", **values))


def titles() -> dict[str, str]:
    """What the lessons are called, by their slugs."""
    return {lesson.slug: lesson.front.title for lesson in course().lessons}
