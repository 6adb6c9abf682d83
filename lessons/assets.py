"""Style sheets, scripts and pictures: a browser asks for each once, because its address changes with its content."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask

A_YEAR_S = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Let browsers keep static files for a year, under addresses that name their content."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = A_YEAR_S
    folder = Path(app.static_folder or "static")

    @app.url_defaults
    def name_the_content(endpoint: str, values: dict[str, Any]) -> None:
        file = folder / str(values.get("filename", ""))
        if endpoint == "static" and file.is_file():
            values["v"] = _digest(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _digest(file: Path, changed_ns: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10]
