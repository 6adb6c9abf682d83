"""The names of the steps of each trade, in the story's order: what messages, rows and the ledger call them."""

from __future__ import annotations

CHECKOUT = "checkout"

NAMES: dict[str, tuple[str, ...]] = {
    CHECKOUT: ("payment", "order", "email", "pdf", "inventory", "analytics", "webhook", "audit", "loyalty"),
    "photo": ("original", "thumbnails", "index"),
    "video": ("original", "record", "q480", "q720", "q1080", "q4k", "thumbnails", "moderation"),
    "report": ("permission", "request", "report"),
    "teapot": ("aside", "systems"),
}
