"""The web application alone, with a ledger of its own, and people and scripts that post in it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete
from werkzeug.test import TestResponse

from app import create_app
from lessons import access
from tests.workers.back_of_house import forget_everything
from workers import database, sandboxes
from workers.settings import current
from workers.tables import metadata

HTMX = {"HX-Request": "true"}


@contextmanager
def front_of_house(data_dir: Path, **environment: str) -> Iterator[Flask]:
    """The application on a fresh ledger; at the end this process forgets both."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATABASE_URL", "SECRET_KEY", "OPERATOR_SECRET", "DISCUSSION"):
            patch.delenv(name, raising=False)
        for name, value in ({"DATA_DIR": str(data_dir)} | environment).items():
            patch.setenv(name, value)
        forget_everything()
        access._tokens.cache_clear()
        database.migrate()
        yield create_app()
    forget_everything()
    access._tokens.cache_clear()


def begin_anew() -> None:
    """Nobody has said anything, nobody has been counted, and the settings are those of the start."""
    current.cache_clear()
    access.limiter.reset()
    with database.begin() as db:
        for table in metadata.sorted_tables:
            db.execute(delete(table))


@dataclass
class Reader:
    """Somebody with a browser of her own."""

    http: FlaskClient

    @classmethod
    def of(cls, app: Flask, address: str = "192.0.2.1") -> Reader:
        client = app.test_client()
        client.environ_base |= {"REMOTE_ADDR": address, "HTTP_ACCEPT": "text/html"}
        return cls(client)

    def open(self, address: str) -> str:
        answer = self.http.get(address)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, address: str, *, htmx: bool = False, **fields: str) -> TestResponse:
        """Press a form's button, with or without the page's own script."""
        return self.http.post(address, data={"csrf_token": self.token()} | fields, headers=HTMX if htmx else {})

    def token(self) -> str:
        with self.http.session_transaction() as session:
            known = session.get("csrf_token")
        if not known:
            self.open("/lessons")
        found = re.search(r'X-CSRFToken": "([^"]+)"', self.open("/operator"))
        assert found
        return found[1]


@dataclass
class Script:
    """A script with a sandbox of its own."""

    http: FlaskClient
    sandbox: str

    @classmethod
    def of(cls, app: Flask, address: str = "192.0.2.2") -> Script:
        client, sandbox = app.test_client(), sandboxes.create(awake=False)
        with app.app_context():
            token = access.token_for(sandbox)
        said = {"HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_ACCEPT": "application/json"}
        client.environ_base |= {"REMOTE_ADDR": address} | said
        return cls(client, sandbox)

    def post(self, address: str, **body: Any) -> TestResponse:
        return self.http.post(address, json=body)


def told(answer: TestResponse, status: int) -> dict[str, Any]:
    """The problem that a script is told."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    assert answer.mimetype == "application/problem+json"
    problem: dict[str, Any] = answer.get_json(force=True)
    assert problem["detail"]
    return problem


def texts(page: str) -> list[str]:
    """What the posts on a page say, as the browser shows it."""
    return [html.unescape(text) for text in re.findall(r'class="post-text" dir="auto">(.*?)</p>', page, re.DOTALL)]


def operator_secret() -> str:
    return current().operator_secret
