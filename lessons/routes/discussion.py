"""The discussion under a lesson, over HTTP: read, posted, reported, deleted."""

from __future__ import annotations

from secrets import token_hex
from typing import Annotated, Any, NoReturn

from flask import Blueprint, abort, g, jsonify, make_response, render_template, request, session, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from lessons import access, problems, requests, voice
from lessons.course import course
from lessons.lesson import Lesson
from lessons.plain_text import at_most
from lessons.routes import voice as who
from workers import posts, reports
from workers.posts import Post
from workers.settings import current

routes = Blueprint("discussion", __name__, url_prefix="/lessons/<slug>/posts")
POST = "/<int(max=2147483647):post>"


class PostForm(requests.Form):
    text: Annotated[
        str, at_most(voice.POST_AT_MOST, 1), Field(json_schema_extra={"minLength": 1, "maxLength": voice.POST_AT_MOST})
    ]


def _reader() -> str:
    # Whoever has no sandbox yet gets one with this post; what she shares with a class is its address.
    return str(g.token_sandbox or session.get("sandbox") or f"new {token_hex(8)}")


# In a class many readers share one address.
few_a_reader = access.limiter.limit("5/minute;60/day", key_func=_reader)
few_an_address = access.limiter.limit("60/minute")
few_in_all = access.limiter.limit("300/minute", key_func=lambda: "everybody")


@routes.get("")
def index(slug: str) -> Response:
    """A page of the discussion, newest last; `?before=` an id leads to the earlier ones."""
    lesson, mine = _discussed(slug), who.reader()
    found = voice.discussion(mine, lesson, _before())
    if not problems.wants_json():
        template = "_discussion" if problems.by_htmx() else "index"
        return make_response(_page(lesson, found, template, fresh=problems.by_htmx()))
    response = jsonify([_as_json(each) for each in found.posts])
    if found.earlier:
        response.headers["Link"] = f'<{request.path}?before={found.earlier}>; rel="prev"'
    return response


@routes.post("")
@few_in_all
@few_an_address
@few_a_reader
def say(slug: str) -> Response:
    """Put up a post. A person without JavaScript gets a refused text back, to mend it."""
    lesson = _discussed(slug)
    try:
        text = requests.read(PostForm).text
    except problems.Invalid as error:
        if problems.wants_json() or problems.by_htmx():
            raise
        found = voice.discussion(who.reader(), lesson)
        refused = {"draft": request.form.get("text", ""), "problem": {"title": "Not posted.", "detail": str(error)}}
        return make_response(_page(lesson, found, "index", **refused), 422)
    post = voice.post(who.reader_or_new(), lesson, text)
    if not problems.wants_json():
        return who.answer(lesson, "_discussion", f"Your post is up, as “{post.name}”.")
    return make_response(jsonify(_as_json(voice.Said(post, True, False))), 201, {"Location": _address(post)})


@routes.post(f"{POST}/reports")
@access.limiter.limit("30/minute")
def report(slug: str, post: int) -> Response:
    """Ask the operator to look at a post; once a reader."""
    lesson = _discussed(slug)
    requests.read(requests.NothingForm)
    if not reports.report(who.reader_or_new(), lesson.slug, post):
        _no_such_post()
    if problems.wants_json():
        return make_response(jsonify(reported=post), 202)
    return who.answer(lesson, "_discussion", "Thank you. The operator will look at it.")


@routes.delete(POST)
@routes.post(f"{POST}/deletion")
def delete(slug: str, post: int) -> Response:
    """Delete a post of one's own."""
    lesson, mine = _discussed(slug), who.reader()
    requests.read(requests.NothingForm)
    if not mine or not posts.withdraw(mine, lesson.slug, post):
        _no_such_post()
    return who.answer(lesson, "_discussion", "Your post is deleted.")


def _discussed(slug: str) -> Lesson:
    lesson = course().lesson(slug)
    if not current().discussion:
        abort(404, "The discussion is turned off here. Whether a lesson helped can still be said under it.")
    return lesson


def _no_such_post() -> NoReturn:
    abort(404, "There is no such post here, or it is not yours.")


def _before() -> int | None:
    value = request.args.get("before")
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise problems.Invalid([{"field": "before", "problem": "is not a post's number", "allowed": {"minimum": 0}}])
    return int(value)


def _page(lesson: Lesson, found: voice.Discussion, template: str, **more: Any) -> str:
    seen = voice.Voice(None, found)
    return render_template(f"voice/{template}.html", lesson=lesson, voice=seen, sandbox_id=who.reader(), **more)


def _as_json(said: voice.Said) -> dict[str, Any]:
    post = said.post
    told = {"id": post.id, "name": post.name, "text": post.text, "at": post.at.isoformat(), "mine": said.mine}
    return told | {"hidden": post.hidden_at is not None, "links": {"self": _address(post)}}


def _address(post: Post) -> str:
    return f"{url_for('discussion.index', slug=post.lesson)}/{post.id}"
