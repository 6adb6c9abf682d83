"""Static files: each address names its content, so that a browser asks for it once."""

from __future__ import annotations

import re

import httpx


def test_a_page_names_the_content_of_its_style_sheets_and_scripts(nobody: httpx.Client) -> None:
    page = nobody.get("/lessons", headers={"Accept": "text/html"}).text
    addresses = re.findall(r'"(/static/[^"]+)"', page)

    assert len(addresses) > 10
    for address in addresses:
        assert re.search(r"\?v=[0-9a-f]{10}$", address)
        answer = nobody.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000"
        if answer.headers["Content-Type"].startswith("text/") and len(answer.content) > 500:
            assert "Content-Encoding" in answer.headers
