"""Pay at the start of a process for what its first customer would otherwise wait for."""

from __future__ import annotations

from contextlib import suppress

from workers import connections, database, sandboxes
from workers.shop import partner, receipts
from workers.shop.orders import Order


def warm_up() -> None:
    """Load the receipt's fonts, make the HTTP client, and open a connection to the database and the broker."""
    receipts.draw(Order("", 0))
    partner.client()
    with suppress(database.DatabaseAway, connections.BrokerAway):  # whoever needs them says so, and waits
        sandboxes.exists("")
        connections.broker().ping()
