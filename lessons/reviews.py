"""When to practise again: fixed days, and the file that puts them into a calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from icalendar import Event

DAYS = (1, 7, 30)
WORDS = ("The day after", "A week after", "A month after")


def dates(today: date) -> list[date]:
    """The days on which a review does most good, seen from the day of asking."""
    return [today + timedelta(days=days) for days in DAYS]


def calendar(today: date, page: str) -> bytes:
    """An .ics file with an all-day event for each review; `page` is the practice's address, host and all."""
    from icalendar import Calendar  # a tenth of a second that only a calendar needs

    made = Calendar()
    made.add("prodid", "-//Ticketwheel//Practice//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    for day, after in zip(dates(today), WORDS, strict=True):
        made.add_component(_event(today, day, after, page))
    content: bytes = made.to_ical()
    return content


def _event(today: date, day: date, after: str, page: str) -> Event:
    from icalendar import Event

    event = Event()
    # The same day keeps its name, so that asking twice does not enter it twice.
    event.add("uid", f"practice-{day.isoformat()}@{urlsplit(page).netloc}")
    event.add("dtstamp", datetime.combine(today, time(), UTC))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", "Ticketwheel: practise again")
    event.add("description", f"{after} your practice: ten minutes, one scenario at a time. {page}")
    event.add("url", page)
    event.add("transp", "TRANSPARENT")
    return event
