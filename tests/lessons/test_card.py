"""The picture beside a link: its size, its colours, and its scale."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from lessons import card


def test_it_is_a_png_of_the_size_that_previews_want() -> None:
    with Image.open(BytesIO(card.png())) as picture:
        assert (picture.format, picture.size) == ("PNG", (1200, 630))
    assert len(card.png()) < 150_000


def test_its_bars_are_to_scale() -> None:
    picture = card.draw()
    edges = [reach(picture, y) for y in (298 + 58 + 40, 456 + 58 + 40)]

    long, short = (edge - card.LEFT for edge in edges)
    assert long / short == pytest.approx(12.8 / 0.9, rel=0.05)


def reach(picture: Image.Image, y: int) -> int:
    """How far to the right something is drawn at this height."""
    background = picture.getpixel((0, 300))
    return max(x for x in range(picture.width) if picture.getpixel((x, y)) != background)


def test_its_colours_are_the_light_themes() -> None:
    assert card.colours()["page"] == "#fbf7ee"
    assert card.draw().getpixel((600, 5)) == (0xB9, 0x38, 0x21)
