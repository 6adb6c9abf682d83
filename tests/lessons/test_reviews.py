"""The dates of the reviews, and the calendar file that holds them."""

from datetime import date

from icalendar import Calendar

from lessons import reviews

TODAY = date(2026, 1, 31)
PAGE = "http://127.0.0.1:8123/practice"


def test_a_review_comes_after_1_7_and_30_days() -> None:
    assert reviews.dates(TODAY) == [date(2026, 2, 1), date(2026, 2, 7), date(2026, 3, 2)]


def test_the_calendar_has_an_all_day_event_for_each_with_a_link() -> None:
    events = Calendar.from_ical(reviews.calendar(TODAY, PAGE)).walk("VEVENT")

    assert [event.decoded("dtstart") for event in events] == reviews.dates(TODAY)
    assert all(event["dtstart"].params["VALUE"] == "DATE" for event in events)
    assert all((event.decoded("dtend") - event.decoded("dtstart")).days == 1 for event in events)
    assert all(event["url"] == PAGE and PAGE in str(event["description"]) for event in events)
    assert all(event["summary"] for event in events)


def test_a_date_keeps_its_name_so_that_asking_twice_enters_it_once() -> None:
    [first, week, _] = uids(TODAY)

    assert uids(TODAY) == uids(TODAY)
    assert len(set(uids(TODAY))) == 3
    assert uids(date(2026, 2, 6))[0] == week != first


def test_every_line_ends_as_the_format_wants_and_is_at_most_75_bytes_long() -> None:
    lines = reviews.calendar(TODAY, PAGE).split(b"\r\n")

    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert max(map(len, lines)) <= 75
    assert all(b"\n" not in line for line in lines)


def uids(today: date) -> list[str]:
    return [str(event["uid"]) for event in Calendar.from_ical(reviews.calendar(today, PAGE)).walk("VEVENT")]
