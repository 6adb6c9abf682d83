"""Finding one's way: the decision helper, search, and what machines want to know about our pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request, url_for

from lessons import access, card, decide, pages, problems, search
from lessons.routes.reference import titles

routes = Blueprint("finding", __name__)
LONGEST_QUERY = 100
CLOSED = ("/sandboxes/", "/control-room", "/operator")
TEMPLATE = "finding/{}.html"


@routes.get("/decide")
def decision() -> Response:
    """Three questions on the reader's own operation; the answers are in the address, so it can be shared."""
    operation = decide.operation(request.args.to_dict())
    if problems.wants_json():
        return jsonify(_as_json(operation))
    values = {"operation": operation, "helper": decide.helper(), "titles": titles()}
    return _page("decide", **values)


@routes.get("/search")
def results() -> Response:
    """The passages of the course and of the reference pages that answer a query, best first."""
    asked = _asked()
    found = search.find(asked)
    if problems.wants_json():
        return jsonify([_result_as_json(each) for each in found])
    return _page("search", asked=asked, found=found)


@routes.get("/sitemap.xml")
def sitemap() -> Response:
    """Every page that everybody may visit, with this host's address."""
    root = request.url_root.rstrip("/")
    addresses = [root + page.address for page in pages.public()]
    return Response(render_template("finding/sitemap.xml", addresses=addresses), mimetype="application/xml")


@routes.get("/robots.txt")
def robots() -> Response:
    lines = ["User-agent: *", *(f"Disallow: {part}" for part in CLOSED), "Allow: /", ""]
    lines.append(f"Sitemap: {url_for('finding.sitemap', _external=True)}")
    return Response("\n".join([*lines, ""]), mimetype="text/plain")


@routes.get("/card.png")
def preview() -> Response:
    """The picture that other sites show beside a link to us."""
    response = Response(card.png(), mimetype="image/png")
    response.headers["Cache-Control"] = "public, max-age=604800"
    return response


def _page(name: str, **values: Any) -> Response:
    reader = access.token_sandbox() or access.visitors_sandbox()
    return make_response(render_template(TEMPLATE.format(name), sandbox_id=reader, **values))


def _asked() -> str:
    asked = request.args.get("q", "")
    if len(asked) > LONGEST_QUERY:
        problem = f"has {len(asked)} characters"
        raise problems.Invalid([{"field": "q", "problem": problem, "allowed": {"maxLength": LONGEST_QUERY}}])
    return "".join(character for character in " ".join(asked.split()) if character.isprintable())


def _as_json(operation: decide.Operation) -> dict[str, Any]:
    verdict = operation.verdict
    reasons = [{"question": r.question.text, "answer": r.answer, "reason": r.text} for r in operation.reasons]
    return {
        "name": operation.name,
        "answers": operation.answers,
        "missing": [question.id for question in operation.missing],
        "verdict": verdict.id if verdict else None,
        "title": verdict.title if verdict else None,
        "reasons": reasons,
        "links": {"lessons": [url_for("course.show", slug=slug) for slug in verdict.lessons] if verdict else []},
    }


def _result_as_json(result: search.Result) -> dict[str, Any]:
    passage = result.passage
    title = f"{passage.title}: {passage.heading}" if passage.heading else passage.title
    return {"title": title, "excerpt": result.excerpt, "links": {"self": passage.address}}
