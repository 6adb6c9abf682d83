"""The picture that goes with a link to us elsewhere: the two waits, to scale, in our colours."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from lessons.race import STORY_LATER, STORY_NOW
from workers.checkout import LATER, STEPS

TOKENS = Path(__file__).resolve().parent.parent / "static/css/tokens.css"
WIDTH, HEIGHT = 1200, 630
LEFT, RIGHT, BAR = 80, 80, 76
STEM = 6


@cache
def png() -> bytes:
    picture = BytesIO()
    draw().save(picture, "PNG", optimize=True)
    return picture.getvalue()


def draw() -> Image.Image:
    picture = Image.new("RGB", (WIDTH, HEIGHT), colours()["page"])
    pen = ImageDraw.Draw(picture)
    ink, muted = colours()["ink"], colours()["muted"]
    pen.rectangle((0, 0, WIDTH, 14), fill=colours()["accent"])
    _text(pen, 56, "Ticketwheel", 40, colours()["accent"], 1)
    _text(pen, 112, "The customer needs two things.", 66, ink, 2)
    _text(pen, 188, "She waits for nine.", 66, ink, 2)
    for y, kept, seconds, words in (
        (298, STEPS, STORY_NOW, "of waiting, with everything in the request"),
        (
            456,
            [step for step in STEPS if step not in LATER],
            STORY_LATER,
            "with two steps, and a message on a queue for the rest",
        ),
    ):
        _text(pen, y, f"{seconds:.1f} s", 46, ink, 1)
        _text(pen, y + 14, words, 30, muted, x=LEFT + 170)
        _bar(pen, y + 58, [step.seconds for step in kept])
    return picture


@cache
def colours() -> dict[str, str]:
    """The light theme's values, from the stylesheet that the pages use."""
    found: dict[str, str] = {}
    for name, value in re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", TOKENS.read_text(encoding="utf-8")):
        found.setdefault(name, value)
    return found


def _bar(pen: ImageDraw.ImageDraw, y: int, seconds: list[float]) -> None:
    """The steps one after the other, each as long as it lasts."""
    scale = (WIDTH - LEFT - RIGHT) / STORY_NOW
    x = float(LEFT)
    for each in seconds:
        end = x + each * scale
        pen.rectangle((x, y, end - 3, y + BAR), fill=colours()["waits-fill"])
        pen.rectangle((x, y, min(x + STEM, end - 3), y + BAR), fill=colours()["waits-edge"])
        x = end


def _text(pen: ImageDraw.ImageDraw, y: int, text: str, size: int, colour: str, stroke: int = 0, x: int = LEFT) -> None:
    pen.text((x, y), text, fill=colour, font=ImageFont.load_default(size), stroke_width=stroke)
