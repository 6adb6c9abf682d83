"""Where the keys of a TOML text are, so that an error can name a line: tomllib itself does not tell."""

from __future__ import annotations

import re
from collections.abc import Sequence

HEADER = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]")
KEY = re.compile(r"\s*([\w-]+)\s*=")
LONG_TEXT = re.compile(r"\"{3}|'{3}")

Place = tuple[str | int, ...]


class TomlLines:
    """The line of every table and key; elements of an array are found when each begins a line with a brace."""

    def __init__(self, text: str, first_line: int = 1) -> None:
        self.lines: dict[Place, int] = {(): first_line}
        self._counts: dict[Place, int] = {}
        self._table: Place = ()
        self._array: Place = ()
        self._last_line = first_line + len(text.splitlines()) - 1
        inside_text = False
        for number, line in enumerate(text.splitlines(), first_line):
            if not inside_text:
                self._read(line, number)
            inside_text ^= len(LONG_TEXT.findall(line)) % 2 == 1

    def find(self, place: Sequence[str | int]) -> int:
        """The line of a place, or of the nearest thing around it that is known."""
        known = tuple(place)
        while known not in self.lines:
            known = known[:-1]
        return self.lines[known]

    def length(self, place: Place) -> int:
        """How many lines a table has, from its header to the next one's."""
        begins = self.find(place)
        headers = [line for known, line in self.lines.items() if line > begins and known[: len(place)] != place]
        return min(headers, default=self._last_line + 1) - begins

    def _read(self, line: str, number: int) -> None:
        if header := HEADER.match(line):
            self._table = self._open(header[2].split("."), header[1] == "[[")
            self.lines[self._table] = number
        elif key := KEY.match(line):
            self._array = (*self._table, key[1])
            self._counts[self._array] = -1
            self.lines[self._array] = number
        elif line.lstrip().startswith("{") and self._array:
            self._counts[self._array] += 1
            self.lines[(*self._array, self._counts[self._array])] = number

    def _open(self, names: list[str], one_more: bool) -> Place:
        """The place of a table; in an array of tables, of its next or of its last element."""
        place: Place = ()
        for name in names:
            place = (*place, name)
            if one_more and name is names[-1]:
                self._counts[place] = self._counts.get(place, -1) + 1
            if place in self._counts:
                place = (*place, self._counts[place])
        return place
