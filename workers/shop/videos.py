"""A film: a small real file in place of the long one, and what is made of it, which really reads it."""

from __future__ import annotations

import hashlib
import random

from workers.shop import parts
from workers.shop.orders import Finish, Order
from workers.shop.parts import ORIGINAL, Piece

FRAMES, FRAME_BYTES = 300, 400
KEEPS = {"q480": 8, "q720": 4, "q1080": 2, "q4k": 1}  # one byte in so many of each frame
THUMBNAILS, THUMBNAIL_BYTES = 120, 16


def store_original(order: Order, key: str | None, finish: Finish) -> None:
    """Keep the film as it was uploaded: it is what cannot be made again."""
    film = random.Random(order.number).randbytes(FRAMES * FRAME_BYTES)
    parts.keep(ORIGINAL, order, key, finish, Piece(ORIGINAL, film))


def write_record(order: Order, key: str | None, finish: Finish) -> None:
    """Say whose film lies where; nobody looks whether it is there."""
    record = Piece("record", order.email.encode(), leads_to=parts.address(order, ORIGINAL))
    parts.keep("record", order, key, finish, record)


def make_version(order: Order, key: str | None, finish: Finish, *, name: str) -> None:
    """Make a smaller film of the stored one. Raises PartMissing when it is not there."""
    smaller = parts.needed(order, ORIGINAL)[:: KEEPS[name]]
    parts.keep(name, order, key, finish, Piece(name, smaller))


def make_thumbnails(order: Order, key: str | None, finish: Finish) -> None:
    """Take a look into the stored film every so often, all of them in one sheet. Raises PartMissing."""
    film = parts.needed(order, ORIGINAL)
    every = len(film) // THUMBNAILS
    sheet = b"".join(film[at * every :][:THUMBNAIL_BYTES] for at in range(THUMBNAILS))
    parts.keep("thumbnails", order, key, finish, Piece("thumbnails", sheet))


def moderate(order: Order, key: str | None, finish: Finish) -> None:
    """Read the stored film to its end, and write down that this very one was seen. Raises PartMissing."""
    seen = hashlib.sha256(parts.needed(order, ORIGINAL)).hexdigest()
    parts.keep("moderation", order, key, finish, Piece("moderation", f"seen: {seen}".encode()))
