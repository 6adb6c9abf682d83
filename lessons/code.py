"""The code that ran, read from the running module and highlighted: never retyped."""

from __future__ import annotations

import hashlib
import inspect
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class CodeSample:
    """A function's source as HTML, and where to find it; `digest` changes with every change of the text."""

    html: Markup
    path: str
    line: int
    digest: str


@cache
def sample(dotted: str) -> CodeSample:
    """The source of "package.module:function"."""
    module, _, name = dotted.partition(":")
    function = getattr(import_module(module), name)
    lines, line = inspect.getsourcelines(function)
    source = "".join(lines)
    path = Path(inspect.getsourcefile(function) or "").resolve().relative_to(ROOT).as_posix()
    html = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
    return CodeSample(Markup(html), path, line, hashlib.sha256(source.encode()).hexdigest()[:8])
