"""A profile photo: a real JPEG, five smaller ones that are made from it, and the search index that leads to it."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from workers.shop import parts
from workers.shop.orders import Finish, Order
from workers.shop.parts import ORIGINAL, Piece

if TYPE_CHECKING:
    from PIL.Image import Image

SIZE = (1280, 960)
THUMBNAILS = (32, 64, 128, 256, 512)  # squares, by their side


def store_original(order: Order, key: str | None, finish: Finish) -> None:
    """Keep the photo as it was uploaded: it is what cannot be made again."""
    parts.keep(ORIGINAL, order, key, finish, Piece(ORIGINAL, _taken(order.number)))


def make_thumbnails(order: Order, key: str | None, finish: Finish) -> None:
    """Cut five squares out of the stored photo. Raises PartMissing when it is not there."""
    from PIL import Image, ImageOps  # a tenth of a second, which every process would pay before it opens

    with Image.open(BytesIO(parts.needed(order, ORIGINAL))) as photo:
        squares = [(side, ImageOps.fit(photo, (side, side))) for side in THUMBNAILS]
    pieces = [Piece(f"thumbnail-{side}", _jpeg(square)) for side, square in squares]
    parts.keep("thumbnails", order, key, finish, *pieces)


def index(order: Order, key: str | None, finish: Finish) -> None:
    """Let searchers find the photo at its address; nobody looks whether it is there."""
    link = Piece("search-entry", order.email.encode(), leads_to=parts.address(order, ORIGINAL))
    parts.keep("index", order, key, finish, link)


def _taken(number: int) -> bytes:
    """The photo of this order, the same whenever it is taken: a light in a colour of its own."""
    from PIL import Image, ImageOps

    red, green, blue = number * 53 % 200, number * 97 % 200, number * 193 % 200
    light = Image.radial_gradient("L").resize(SIZE)
    return _jpeg(ImageOps.colorize(light, black="white", white=(red, green, blue)))


def _jpeg(image: Image) -> bytes:
    drawn = BytesIO()
    image.save(drawn, "JPEG")
    return drawn.getvalue()
