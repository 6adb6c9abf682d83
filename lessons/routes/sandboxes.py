"""Sandboxes: made, looked at, changed, deleted."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from lessons import access, lab, problems, requests
from lessons.settings_form import SettingsForm
from workers import sandboxes
from workers.database import utc_now
from workers.sampler import sampler

routes = Blueprint("sandboxes", __name__, url_prefix="/sandboxes")


@routes.post("")
@access.limiter.limit("600/minute")
def create() -> AnyResponse:
    """A new sandbox: a script gets its token, a browser keeps it in its cookie."""
    requests.read(requests.NothingForm)
    if not problems.wants_json():
        access.visitors_sandbox_or_new()
        return redirect(lab.came_from(), 303)
    sandbox = sandboxes.create()
    answer = jsonify(id=sandbox, token=access.token_for(sandbox), links=lab.links(sandbox))
    answer.status_code, answer.headers["Location"] = 201, url_for("sandboxes.show", sandbox=sandbox)
    return answer


@routes.get("/<sandbox>")
def show(sandbox: str) -> AnyResponse:
    """The snapshot: JSON for scripts, the polled fragment for htmx, the page for people."""
    access.named(sandbox)
    if not problems.wants_json():
        return lab.fragment(sandbox) if problems.by_htmx() else lab.page(sandbox)
    return _as_json(sandbox)


@routes.patch("/<sandbox>")
def change(sandbox: str) -> Response:
    """Change any subset of the settings; the answer is the new snapshot."""
    _change(access.own(sandbox))
    return _as_json(sandbox, fresh=True)


@routes.post("/<sandbox>/settings")
def change_by_form(sandbox: str) -> AnyResponse:
    """The same for a form, which cannot send PATCH."""
    _change(access.own(sandbox))
    return lab.acted()


@routes.delete("/<sandbox>")
def delete(sandbox: str) -> tuple[str, int]:
    """Forget everything of this sandbox."""
    sandboxes.delete(access.own(sandbox))
    session.pop("sandbox", None)
    return "", 204


def _change(sandbox: str) -> None:
    wanted = requests.read(SettingsForm)
    sandboxes.change(sandbox, wanted.model_dump(exclude_unset=True))


def _as_json(sandbox: str, fresh: bool = False) -> Response:
    snapshot = sampler().latest(sandbox, fresh)
    response = jsonify(snapshot.as_json(utc_now()) | {"links": lab.links(sandbox)})
    response.set_etag(snapshot.tag)
    response.headers["Cache-Control"] = "no-cache"
    return response.make_conditional(request)  # type: ignore[return-value]
