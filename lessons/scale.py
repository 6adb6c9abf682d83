"""The time axis that both lanes share: seconds to pixels, and where the marks are."""

from __future__ import annotations

from dataclasses import dataclass

TOP = 8.0  # room for half a line of text above the zero mark
BOTTOM = 24.0  # room for the line that says how the wait ended
PIXELS_A_SECOND = 33.0  # at speed 1; a step of 0.8 s is then high enough for its label
TALLEST = 860.0
CLOSEST_MARKS = 26.0
SHORT, LOW = 13.0, 22.0
STEPS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0)


@dataclass(frozen=True)
class Mark:
    """One label of the axis, at `y` pixels."""

    text: str
    y: float


@dataclass(frozen=True)
class Scale:
    """Time flows down: `seconds` seconds in all, at `pixels_a_second`."""

    seconds: float
    pixels_a_second: float

    @property
    def height(self) -> float:
        return round(self.seconds * self.pixels_a_second + TOP + BOTTOM, 1)

    @property
    def marks(self) -> tuple[Mark, ...]:
        step = next((s for s in STEPS if s * self.pixels_a_second >= CLOSEST_MARKS), STEPS[-1])
        count = int(self.seconds / step + 1e-6)
        return tuple(Mark(f"{i * step:g}", self.y(i * step)) for i in range(count + 1))

    def y(self, seconds: float) -> float:
        return round(TOP + seconds * self.pixels_a_second, 1)

    def room(self, seconds: float) -> str:
        """How much text a bar of this duration can hold: "short" is none, "low" is one small line."""
        length = seconds * self.pixels_a_second
        return "short" if length < SHORT else "low" if length < LOW else "high"

    def text(self, seconds: float) -> str:
        """Seconds as they are shown: with two decimals where the axis is so long that one would hide differences."""
        return f"{seconds:.{2 if self.pixels_a_second > 100 else 1}f}"

    def length(self, seconds: float) -> float:
        return round(seconds * self.pixels_a_second, 1)


def fit(last: float, speed: float) -> Scale:
    """A scale on which `last` seconds fit; it shrinks only when a run takes much longer than the story."""
    seconds = max(last, 0.1)
    return Scale(seconds, min(PIXELS_A_SECOND * speed, TALLEST / seconds))
