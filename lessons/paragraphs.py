"""Our own HTML taken apart again, for whoever wants to read it without its marks."""

from __future__ import annotations

from html.parser import HTMLParser

HEADINGS = ("h2", "h3")
ITEMS = ("p", "li", *HEADINGS)


class Paragraphs(HTMLParser):
    """Takes our own HTML apart into headings, paragraphs and list items, without code."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []  # tag, id, text
        self._kind, self._name, self._said, self._in_code = "", "", "", False

    @classmethod
    def of(cls, html: str) -> list[tuple[str, str, str]]:
        parser = cls()
        parser.feed(html)
        parser.close()
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_code = self._in_code or tag == "pre"
        if tag in ITEMS:
            self._end()
            self._kind, self._name = tag, dict(attrs).get("id") or ""

    def handle_endtag(self, tag: str) -> None:
        self._in_code = self._in_code and tag != "pre"
        if tag in ITEMS:
            self._end()

    def handle_data(self, data: str) -> None:
        if self._kind and not self._in_code:
            self._said += data

    def _end(self) -> None:
        if said := " ".join(self._said.split()):
            self.found.append((self._kind, self._name, said))
        self._kind, self._name, self._said = "", "", ""
