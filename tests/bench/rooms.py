"""A control room as a bench polls it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.bench.crowd import Caller
from tests.product import Sandbox

STALE = "nothing"


@dataclass(frozen=True)
class Room:
    """A lab with much in it, and how its control room is polled."""

    lab: Sandbox

    def poll(self, seen: str) -> Caller:
        headers = {"Authorization": f"Bearer {self.lab.token}", "Accept": "text/html", "Accept-Encoding": "gzip"}
        return Caller(self.lab.url("/control-room"), headers=headers | {"HX-Request": "true", "HX-PTag": seen})

    def viewer(self) -> Caller:
        """The polls of who looks on: each says what she has been shown, and mostly nothing has changed since."""
        headers = {"HX-Request": "true", "Accept": "text/html"}
        seen = self.lab.http.get(self.lab.url("/control-room"), headers=headers).headers["HX-PTag"]
        return replace(self.poll(seen), keeps_up=True)
