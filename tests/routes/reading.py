"""What can be read of an answer, whatever its form; and what may not be in it before a reader commits."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from lessons.quiz import Option


def leaks(text: str, options: Iterable[Option]) -> list[str]:
    """The feedback and beliefs that can be found in a text, and words that a key would need."""
    read = words(text)
    told = [said for option in options for said in (option.feedback, option.belief) if words(said) in read]
    return told + re.findall(r'data-right|data-correct|"correct"|"right"', text)


def words(text: str) -> str:
    """What can be read of a page, a JSON or a Markdown text, on one line, with plain quotes."""
    plain = html.unescape(re.sub(r"<[^>]+>", "", text.replace('\\"', '"'))).replace("`", "").replace("*", "")
    return " ".join(plain.translate(str.maketrans("“”‘’\u00a0", "\"\"'' ")).split())
