"""The door: `python app.py` runs the whole product, `create_app` makes the web part of it."""

from __future__ import annotations

import os
import sys
from datetime import timedelta

from flask import Flask
from flask_compress import Compress
from htmx_flask import Htmx

from lessons import access, problems, routes, vendor
from lessons.course import course
from workers import launch, processes
from workers.settings import current
from workers.warmup import warm_up


def create_app() -> Flask:
    """The web application, wired to the settings of the environment."""
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
        COMPRESS_MIMETYPES=["text/html"],  # not JSON: a compressed answer gets another ETag, which scripts send back
        COMPRESS_ALGORITHM="gzip",
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Htmx(app)
    Compress(app)
    access.init_app(app)
    problems.init_app(app)
    for blueprint in routes.BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def serve_app() -> Flask:
    """The same for a process of the web server, which must not outlive the one that started it."""
    processes.die_with_parent(os.getppid())
    warm_up()
    course()
    return create_app()


if __name__ == "__main__":
    sys.exit(launch.main("app:serve_app", vendor.missing_vendor_files))
