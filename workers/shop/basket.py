"""What every order of the story buys."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One line of a basket; prices in cents."""

    sku: str
    name: str
    quantity: int
    cents: int


# Every order of the story buys the same basket, so that two orders differ only in when their work is done.
BASKET = (Line("TEA-POT", "Copper teapot", 1, 3900), Line("TEA-CUP", "Stoneware cup", 4, 750))
