"""Which Chromium drives the pages, for the browser tests and for the README's pictures."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright

NONE_FOUND = "There is no Chromium: `apt install chromium`, or `.venv/bin/python -m playwright install chromium`."


def find_browser(playwright: Playwright) -> dict[str, Any] | None:
    """Launch options of the system's Chromium, else of Playwright's own; None where there is neither."""
    # Chromium's sandbox refuses to run as root, as CI's containers do.
    options: dict[str, Any] = {"args": ["--no-sandbox"] if os.geteuid() == 0 else []}
    # The shell has no windows, no extensions and no graphics process to keep busy beside the product.
    if installed := shutil.which("chromium-headless-shell") or shutil.which("chromium"):
        return {**options, "executable_path": installed}
    return options if Path(playwright.chromium.executable_path).exists() else None


def browser_or_skip(playwright: Playwright) -> dict[str, Any]:
    """The same for a test: without a browser it is skipped, or fails where REQUIRE_BROWSER is set."""
    found = find_browser(playwright)
    if found is None and os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(NONE_FOUND)
    if found is None:
        pytest.skip(NONE_FOUND)
    return found
