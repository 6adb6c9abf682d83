"""A lesson's text: CommonMark without HTML, with directives that stand alone on a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from markupsafe import Markup, escape
from mdit_py_plugins.anchors import anchors_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

DIRECTIVE = re.compile(r'\{\{ *([a-z_]+) *(?:\( *"([^"]*)" *\) *)?\}\}')
CODE = '<pre class="highlight" tabindex="0" role="region" aria-label="{label}"><code>{html}</code></pre>\n'


@dataclass(frozen=True)
class Prose:
    """A stretch of text between two directives."""

    html: Markup


@dataclass(frozen=True)
class Directive:
    """A line such as {{ figure("herd") }}: what is to be put there, and which one."""

    name: str
    argument: str | None
    line: int


@dataclass(frozen=True)
class Document:
    """A parsed text: its blocks in order, and the tokens from which rules can be checked."""

    blocks: tuple[Prose | Directive, ...]
    tokens: tuple[Token, ...]


def parse(text: str) -> Document:
    """Parse a whole text; lines are counted from its first one."""
    tokens = _parser().parse(text)
    return Document(tuple(_blocks(tokens)), tuple(tokens))


@lru_cache(4096)
def inline(text: str) -> Markup:
    """One line of text with emphasis, code and links."""
    return Markup(_parser().renderInline(text))


def inline_tokens(text: str) -> list[Token]:
    return [child for token in _parser().parseInline(text) for child in token.children or ()]


def line_of(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0


def is_language(name: str) -> bool:
    """Whether code in this language can be highlighted."""
    try:
        return not name or get_lexer_by_name(name) is not None
    except ClassNotFound:
        return False


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "highlight": _highlight, "typographer": True})
    parser.block.ruler.before("fence", "directive", _read_directive, {"alt": ["paragraph", "reference"]})
    parser.enable("smartquotes")
    parser.add_render_rule("code_block", _render_indented)
    return parser.use(anchors_plugin, min_level=2, max_level=3)


def _read_directive(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A rule of the block parser: a directive on a line of its own, outside of lists and quotations."""
    line = state.src[state.bMarks[start] : state.eMarks[start]]
    found = DIRECTIVE.fullmatch(line.rstrip())
    if not found or state.level:
        return False
    if not silent:
        token = state.push("directive", "", 0)
        token.map = [start, start + 1]
        token.meta = {"name": found[1], "argument": found[2]}
        state.line = start + 1
    return True


def _blocks(tokens: Sequence[Token]) -> Iterator[Prose | Directive]:
    gathered: list[Token] = []
    for token in tokens:
        if token.type != "directive":
            gathered.append(token)
            continue
        yield from _prose(gathered)
        gathered = []
        yield Directive(token.meta["name"], token.meta["argument"], line_of(token))
    yield from _prose(gathered)


def _prose(tokens: Sequence[Token]) -> Iterator[Prose]:
    if tokens:
        yield Prose(Markup(_parser().renderer.render(tokens, _parser().options, {})))


def _render_indented(_renderer: object, tokens: Sequence[Token], index: int, *_: object) -> str:
    return _highlight(tokens[index].content, "", "")


def _highlight(code: str, language: str, _: str) -> str:
    html = escape(code)
    if language and is_language(language):
        html = Markup(highlight(code, get_lexer_by_name(language), HtmlFormatter(nowrap=True)))
    return CODE.format(label=f"Code in {escape(language)}" if language else "Example", html=html)
