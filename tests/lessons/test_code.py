"""The code on the page is the code that runs."""

from __future__ import annotations

import html
import inspect
import re

import pytest

from lessons.code import ROOT, sample
from workers import checkout


@pytest.mark.parametrize("name", ["check_out_now", "check_out_later"])
def test_a_sample_is_the_running_functions_own_source(name: str) -> None:
    shown = sample(f"workers.checkout:{name}")
    text = html.unescape(re.sub(r"<[^>]+>", "", shown.html))

    assert text == inspect.getsource(getattr(checkout, name))
    assert (ROOT / shown.path).read_text().splitlines()[shown.line - 1].startswith(f"def {name}(")
    assert re.fullmatch(r"[0-9a-f]{8}", shown.digest)


def test_a_sample_holds_no_style_that_the_pages_policy_would_block() -> None:
    assert "style=" not in sample("workers.checkout:check_out_later").html
