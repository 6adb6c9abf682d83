"""The rules for a lesson's text: its length, its headings, its links, its code, and its tone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from urllib.parse import urlsplit

from markdown_it.token import Token

from lessons.faults import Fault
from lessons.markdown import Document, inline_tokens, is_language, line_of

FEWEST_WORDS, MOST_WORDS = 500, 900
# Ids that the page around a lesson uses itself.
TAKEN = re.compile(r"(main|notices|offline|pages)$|(question|figure|lesson)-")
HTML = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
SHOUT = re.compile(r"!(?!=)")
PAGES = {"/", "/lessons", "/practice", "/cheat-sheet", "/decide", "/monday", "/about"}


def count_words(document: Document) -> int:
    """The words that are read, without code blocks and directives."""
    return sum(len(plain(token).split()) for token in document.tokens if token.type == "inline")


def plain(token: Token) -> str:
    """The text of a paragraph or heading, without its marks."""
    return "".join(child.content or " " for child in token.children or () if child.nesting == 0)


def anchors(document: Document) -> set[str]:
    """What a link may point to inside of this text."""
    return {str(token.attrGet("id")) for token in document.tokens if token.type == "heading_open"}


def faults_of(path: str, document: Document) -> Iterator[Fault]:
    """What can be seen in one text alone."""
    words = count_words(document)
    if not FEWEST_WORDS <= words <= MOST_WORDS:
        remedy = f"Write {FEWEST_WORDS} to {MOST_WORDS}, not counting code blocks and directives."
        yield Fault(path, 0, "the text", f"has {words} words", remedy)
    yield from _faults_of_headings(path, document.tokens)
    for token in document.tokens:
        if token.type == "fence" and not is_language(token.info.strip()):
            remedy = "Name one that Pygments knows, or none."
            yield Fault(path, line_of(token), token.info, "is a language that nobody can highlight", remedy)
        if token.type == "inline":
            yield from _faults_of_paragraph(path, token)


def faults_of_text(path: str, line: int, key: str, text: str) -> Iterator[Fault]:
    """The tone of one text outside of lesson.md."""
    children = inline_tokens(text)
    yield from _faults_of_tone(path, line, key, "".join(child.content for child in children if child.type == "text"))


def links_in(tokens: Sequence[Token]) -> Iterator[str]:
    """The addresses that a paragraph links to."""
    yield from (str(token.attrGet("href")) for token in tokens if token.type == "link_open")


def faults_of_link(path: str, line: int, address: str, known: dict[str, set[str]]) -> Iterator[Fault]:
    """A link leads to one of our pages, to an anchor in one of them, or to another host over https.

    `known` holds the anchors of every lesson by its address; "" stands for the page that the link is on.
    """
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.netloc:
        return
    if parts.scheme or parts.netloc:
        yield Fault(path, line, address, "is not a link to https", "Link to a page of ours, or over https.")
    elif parts.path not in known and parts.path not in PAGES:
        lessons = ", ".join(sorted(page for page in known if page))
        yield Fault(path, line, address, "is a dead link", f"There are {', '.join(sorted(PAGES))}, {lessons}.")
    elif parts.fragment and parts.fragment not in known.get(parts.path, set()):
        yield Fault(path, line, address, "leads to no heading", "Add the heading, or link to the page alone.")


def _faults_of_headings(path: str, tokens: Sequence[Token]) -> Iterator[Fault]:
    level = 1
    if tokens and tokens[0].type == "heading_open":
        remedy = "Begin with a question or a small scene, before any heading."
        yield Fault(path, line_of(tokens[0]), "the hook", "is missing", remedy)
    for token, content in pairwise(tokens):
        if token.type != "heading_open":
            continue
        depth, title = int(token.tag[1]), f"“{content.content}”"
        if depth == 1 or depth > 3:
            remedy = "Use ## and ###; the lesson's title is in the front matter."
            yield Fault(path, line_of(token), title, f"is a heading of level {depth}", remedy)
        elif depth > level + 1:
            said = f"jumps from level {level} to level {depth}"
            yield Fault(path, line_of(token), title, said, f"Write it with {'#' * (level + 1)}.")
        if TAKEN.match(str(token.attrGet("id"))):
            yield Fault(path, line_of(token), title, "has an id that the page uses itself", "Word it differently.")
        level = depth


def _faults_of_paragraph(path: str, token: Token) -> Iterator[Fault]:
    children, line = token.children or [], line_of(token)
    text = "".join(child.content for child in children if child.type == "text")
    if any(child.type == "image" for child in children):
        yield Fault(path, line, "an image", "is in the text", "Draw it from data, as a figure in figures.toml.")
    if "{{" in text or "}}" in text:
        remedy = 'A directive stands alone on a line, outside of lists: {{ lab }} or {{ figure("its-id") }}.'
        yield Fault(path, line, _cut(text[text.find("{{") :]), "is not a directive", remedy)
    yield from _faults_of_tone(path, line, _cut(text), text)


def _faults_of_tone(path: str, line: int, key: str, text: str) -> Iterator[Fault]:
    if SHOUT.search(text):
        yield Fault(path, line, key, "has an exclamation mark", "Say it calmly.")
    if HTML.search(text):
        yield Fault(path, line, key, "has HTML, which would be shown as it is", "Write Markdown; put code between `.")


def _cut(text: str) -> str:
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"
