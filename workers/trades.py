"""The trades: what an order can be about, each with its steps in the story's order, done now or later like any."""

from __future__ import annotations

from functools import partial

from workers import judges
from workers.attempts import Step
from workers.checkout import STEPS
from workers.errors import OrderMissing
from workers.shop import orders, photos, teapots, videos, yearly_reports
from workers.shop.parts import broken_links

__all__ = ["LABELS", "LAST", "PHOTO", "REPORT", "TEAPOT", "TRADES", "VIDEO", "broken_links", "parts"]

PHOTO = (
    Step("original", 0.4, "store the original", photos.store_original),
    Step("thumbnails", 2.5, "make thumbnails", photos.make_thumbnails),
    Step("index", 1.5, "update the search index", photos.index),
)
VIDEO = (
    Step("original", 2.0, "store the original", videos.store_original),
    Step("record", 0.1, "write the record", videos.write_record),
    Step("q480", 6.0, "make it at 480p", partial(videos.make_version, name="q480")),
    Step("q720", 9.0, "make it at 720p", partial(videos.make_version, name="q720")),
    Step("q1080", 14.0, "make it at 1080p", partial(videos.make_version, name="q1080")),
    Step("q4k", 24.0, "make it in 4K", partial(videos.make_version, name="q4k")),
    Step("thumbnails", 12.0, "make thumbnails", videos.make_thumbnails),
    Step("moderation", 10.0, "look for what does not belong", videos.moderate),
)
REPORT = (
    Step("permission", 0.1, "look who may see it", yearly_reports.look_whether_allowed),
    Step("request", 0.1, "store the request", yearly_reports.note_request),
    Step("report", 40.0, "build the report", yearly_reports.build),
)
TEAPOT = (
    Step("aside", 0.1, "set the teapot aside", teapots.set_aside),
    Step("systems", 2.0, "tell two systems of it", teapots.tell_systems),
)
TRADES: dict[str, tuple[Step, ...]] = {
    "checkout": STEPS,
    "photo": PHOTO,
    "video": VIDEO,
    "report": REPORT,
    "teapot": TEAPOT,
}

# What two trades have in common has the same name and the same label.
LABELS = {step.name: step.label for steps in TRADES.values() for step in steps}
LAST = frozenset(steps[-1].name for steps in TRADES.values())


def parts(sandbox: str, order: int) -> dict[str, int]:
    """How often each step of an order has had its effect, of a checkout the later seven; {} if there is no such order.

    What a step leaves is written in one piece, so a step that has left five thumbnails has had its effect once.
    """
    try:
        orders.find(sandbox, order)
    except OrderMissing:
        return {}
    [verdict] = judges.of_orders(sandbox, [order])
    return dict(verdict.times)
