"""Who may do what: a signed cookie or a bearer token leads to one sandbox, and to no other."""

from __future__ import annotations

import hashlib
import threading
import time
from functools import lru_cache

from flask import Flask, Response, g, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from itsdangerous import BadSignature, URLSafeSerializer
from limits.storage import MemoryStorage
from werkzeug.exceptions import Unauthorized

from lessons import problems
from workers import sandboxes
from workers.errors import UnknownSandbox
from workers.settings import current

SAFE = ("GET", "HEAD", "OPTIONS")
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_NOT_YOURS = "There is no such sandbox, or it is not yours."
csrf = CSRFProtect()


class OneAtATime(MemoryStorage):
    """Counts requests in memory as the library does, but for one thread at a time.

    Two that count at once may both start the library's timer, and the second of them fails with a RuntimeError.
    """

    STORAGE_SCHEME = ["one-at-a-time"]  # noqa: RUF012 (as in its base)

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        self._counting = threading.Lock()
        super().__init__(uri, wrap_exceptions, **options)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        with self._counting:
            return super().incr(key, expiry, amount)


limiter = Limiter(get_remote_address, storage_uri="one-at-a-time://", headers_enabled=False)


def init_app(app: Flask) -> None:
    csrf.init_app(app)
    limiter.init_app(app)
    app.before_request(guard)
    app.after_request(_harden)


def guard() -> None:
    """A bearer token must be valid; without one, an unsafe request needs the CSRF token of its session."""
    g.began = time.monotonic()
    # Read before anything is refused: the server drops a connection on which a body is left unread.
    request.get_data()
    g.token_sandbox = _sandbox_of_token()
    if request.method in SAFE or g.token_sandbox or _creates_by_script():
        return
    if not session and problems.wants_json():
        raise Unauthorized("This request has no token.")
    csrf.protect()


def own(sandbox: str) -> str:
    """The sandbox, if it is the asker's. Raises Unauthorized, or UnknownSandbox for somebody else's."""
    if not sandboxes.exists(named(sandbox)):
        raise UnknownSandbox(_NOT_YOURS)
    return sandbox


def named(sandbox: str) -> str:
    """The same without a look into the database, for a poll; whether it still exists is found when it is read."""
    mine = g.token_sandbox or session.get("sandbox")
    if mine is None and not session:
        raise Unauthorized("This address needs the token of its sandbox.")
    if mine != sandbox:
        raise UnknownSandbox(_NOT_YOURS)
    return sandbox


def visitors_sandbox() -> str | None:
    """The sandbox of the visitor's cookie, if it still exists."""
    sandbox: str | None = session.get("sandbox")
    return sandbox if sandbox and sandboxes.exists(sandbox) else None


def visitors_sandbox_or_new(awake: bool = True) -> str:
    """The same, made on first need; asleep for somebody who only reads and answers.

    Two first acts at once, neither of which has the other's cookie yet, lead to one sandbox.
    """
    sandbox = visitors_sandbox()
    if sandbox is None:
        sandbox = session["sandbox"] = sandboxes.create(awake, _visitor())
        session.permanent = True
    return sandbox


def token_sandbox() -> str | None:
    """The sandbox of a script's bearer token."""
    sandbox: str | None = g.token_sandbox
    return sandbox


def token_for(sandbox: str) -> str:
    return _tokens().dumps(sandbox)


def _visitor() -> str:
    """A name for this session: every unsafe request of a browser proves that it has the session's secret."""
    return hashlib.sha256(f"visitor {session['csrf_token']}".encode()).hexdigest()


def _sandbox_of_token() -> str | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if not kind:
        return None
    try:
        sandbox = str(_tokens().loads(token)) if kind.lower() == "bearer" else ""
    except BadSignature:
        sandbox = ""
    if not sandbox or not sandboxes.exists(sandbox):
        raise Unauthorized("The token is not valid. Make a new sandbox with POST /sandboxes.")
    return sandbox


def _creates_by_script() -> bool:
    """A script's first request has neither cookie nor token, so there is nothing that could be forged."""
    return request.endpoint == "sandboxes.create" and not session and problems.wants_json()


@lru_cache
def _tokens() -> URLSafeSerializer:
    return URLSafeSerializer(current().secret_key, salt="sandbox token")


def _harden(response: Response) -> Response:
    if response.status_code == 304 or "HX-PTag" in response.headers:
        return response  # to a poll of a page that has these headers
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
