"""The reader's progress: shown, taken along to another device or as a file, and deleted."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import Blueprint, jsonify, make_response, redirect, render_template, session, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from lessons import access, export, problems, report, requests, resume
from lessons.course import course
from lessons.problems import Invalid
from workers import resume_codes, sandboxes

routes = Blueprint("progress", __name__, url_prefix="/progress")


class CodeForm(requests.Form):
    code: Annotated[str, Field(min_length=1, max_length=100)]


class DeletionForm(requests.Form):
    sure: Literal["yes"]


@routes.after_request
def _never_keep(response: Response) -> Response:
    """What is kept of one reader, and her code above all, stays in no cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


@routes.get("")
def show() -> Response:
    """What was read, answered, predicted and run, and how sure the reader was."""
    reader = _reader()
    if not problems.wants_json():
        return _page(reader)
    code = resume_codes.standing(reader) if reader else None
    told = export.of_report(report.of_reader(reader, course()))
    return jsonify(told | {"code": export.of_standing(code) if code else None, "links": _links()})


@routes.get("/export")
@access.limiter.limit("30/minute")
def export_all() -> Response:
    """Everything that is kept of the reader, as a file."""
    answer = jsonify(export.everything(_reader()))
    answer.headers["Content-Disposition"] = 'attachment; filename="ticketwheel-progress.json"'
    return answer


@routes.post("/codes")
@access.limiter.limit("10/minute")
def make_code() -> Response:
    """A new resume code, said in this answer and never again."""
    requests.read(requests.NothingForm)
    reader = access.token_sandbox() or access.visitors_sandbox_or_new(awake=False)
    fresh = resume.make(reader)
    if problems.wants_json():
        return make_response(jsonify(code=fresh.code, **export.of_standing(fresh.standing), links=_links()), 201)
    if problems.by_htmx():
        return make_response(render_template("progress/_code.html", fresh=fresh, standing=fresh.standing), 201)
    return _page(reader, 201, fresh=fresh)


@routes.delete("/codes")
def revoke_codes() -> Response:
    """From now on no code leads to this reader."""
    if reader := _reader():
        resume_codes.revoke(reader)
    return make_response("", 204)


@routes.post("/codes/revocation")
def revoke_by_form() -> Response:
    """The same for a form, which cannot send DELETE."""
    requests.read(requests.NothingForm)
    revoke_codes()
    if problems.by_htmx():
        return make_response(render_template("progress/_code.html", revoked=True))
    return redirect(url_for("progress.show", _anchor="resume-code"), 303)


def _failed(response: Response) -> bool:
    return response.status_code == 422


@routes.post("/resume")
@access.limiter.limit(resume.GUESSES, deduct_when=_failed)
@access.limiter.limit(resume.FAILURES, key_func=lambda: "everybody", deduct_when=_failed)
def resume_here() -> Response:
    """Go on where another device has stopped: from now on this cookie leads to that reader's sandbox."""
    try:
        found = resume.sandbox_of(requests.read(CodeForm).code)
    except Invalid as error:
        return _refused(error)
    session["sandbox"] = found
    session.permanent = True
    if problems.wants_json():
        return jsonify(id=found, token=access.token_for(found), links=_links())
    return redirect(url_for("progress.show"), 303)


@routes.delete("")
def delete() -> Response:
    """Everything that is kept of the reader is gone, and her cookie is empty."""
    if reader := _reader():
        sandboxes.delete(reader)
    session.clear()
    return make_response("", 204)


@routes.post("/deletion")
def delete_by_form() -> Response:
    """The same for a form, which says first that it is meant."""
    try:
        requests.read(DeletionForm)
    except Invalid as error:
        return _refused(error)
    deleted = delete()
    return deleted if problems.wants_json() else redirect(url_for("progress.show"), 303)


def _reader() -> str | None:
    return access.token_sandbox() or access.visitors_sandbox()


def _refused(error: Invalid) -> Response:
    """A person gets the page back with the problem beside its field. Raises the error for scripts and htmx."""
    if problems.wants_json() or problems.by_htmx():
        raise error
    return _page(_reader(), 422, wrong={field["field"]: field["problem"] for field in error.fields})


def _page(reader: str | None, status: int = 200, **more: Any) -> Response:
    shown = {"report": report.of_reader(reader, course()), "sandbox_id": reader, "fresh": None, "wrong": {}} | more
    standing = resume_codes.standing(reader) if reader else None
    return make_response(render_template("progress/show.html", standing=standing, **shown), status)


def _links() -> dict[str, str]:
    here = url_for("progress.show")
    return {"self": here, "export": f"{here}/export", "codes": f"{here}/codes", "resume": f"{here}/resume"}
