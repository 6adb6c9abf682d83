"""The door: `python app.py` runs the whole product, `create_app` makes the web part of it."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from threading import Timer
from typing import TYPE_CHECKING

from lessons import vendor
from workers import launch, lifeline

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> Flask:
    """The web application, wired to the settings of the environment."""
    # Here, because the launcher reads this file as well, and everybody waits for it.
    from flask import Flask
    from flask_compress import Compress
    from htmx_flask import Htmx

    from lessons import access, assets, problems, routes
    from workers.settings import current

    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=current().secret_key,
        MAX_CONTENT_LENGTH=64 * 1024,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_REFRESH_EACH_REQUEST=False,  # a poll sets no cookie
        PERMANENT_SESSION_LIFETIME=timedelta(days=90),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,  # access.guard decides: a bearer token stands for it
        # Not JSON: a compressed answer gets another ETag, which scripts send back.
        COMPRESS_MIMETYPES=["text/html", "text/css", "text/javascript"],
        COMPRESS_ALGORITHM="gzip",
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Htmx(app)
    Compress(app)
    assets.init_app(app)
    access.init_app(app)
    problems.init_app(app)
    for blueprint in routes.BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def serve_app() -> Flask:
    """The same for a process of the web server, which must not outlive the one that started it."""
    lifeline.die_with_parent(os.getppid())
    # A thread gives up the interpreter at every statement of a transaction; it must not wait 5 ms each time.
    sys.setswitchinterval(0.0005)
    app = create_app()
    # The door opens first; what the first order and the first lesson need is loaded behind it.
    opened = Timer(1.0, prepare)
    opened.daemon = True
    opened.start()
    return app


def prepare() -> None:
    """Load what somebody would otherwise wait for."""
    from lessons.course import course
    from workers.warmup import warm_up

    warm_up()
    course()


if __name__ == "__main__":
    sys.exit(launch.main("app:serve_app", vendor.missing_vendor_files))
