"""Other programs' calendars: what is busy in them, and what they cannot do to us."""

import time
from datetime import date, datetime, timedelta

import pytest
import vobject  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from experts.calendar import reading
from experts.calendar.clock import instant, zone_of
from experts.calendar.troubles import Trouble, Unreadable
from tests.experts.calendar.cases import utc

TOKYO = zone_of("Asia/Tokyo")
START, END = utc(2027, 1, 1), utc(2028, 1, 1)


def ics(*events, head=""):
    inside = "\n".join(
        f"BEGIN:VEVENT\nUID:{number}\n{event}\nEND:VEVENT" for number, event in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{head}{inside}\nEND:VCALENDAR\n".replace("\n", "\r\n")


def read(text, zone=TOKYO, **more):
    return reading.read(text, **{"zone": zone, "start": START, "end": END} | more)


def periods(text, zone=TOKYO):
    return [(one.start, one.end) for one in read(text, zone).busy]


def test_times_in_utc_in_a_named_zone_and_in_none():
    text = ics(
        "DTSTART:20270601T100000Z\nDTEND:20270601T110000Z",
        "DTSTART;TZID=Europe/Berlin:20270602T100000\nDTEND;TZID=Europe/Berlin:20270602T110000",
        "DTSTART:20270603T100000\nDURATION:PT90M",
    )
    assert periods(text) == [
        (utc(2027, 6, 1, 10), utc(2027, 6, 1, 11)),
        (utc(2027, 6, 2, 8), utc(2027, 6, 2, 9)),
        (utc(2027, 6, 3, 1), utc(2027, 6, 3, 2, 30)),  # floating: on the expert's clock
    ]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Asia/Calcutta", utc(2027, 6, 1, 4, 30)),
        ("US/Pacific", utc(2027, 6, 1, 17)),
        ("Asia/Katmandu", utc(2027, 6, 1, 4, 15)),
        ("W. Europe Standard Time", utc(2027, 6, 1, 8)),  # as Outlook calls it
    ],
)
def test_old_and_foreign_names_of_zones(zone, expected):
    text = ics(f"DTSTART;TZID={zone}:20270601T100000\nDTEND;TZID={zone}:20270601T110000")
    assert [start for start, _ in periods(text)] == [expected]


def test_whole_days_are_days_of_the_experts_clock():
    text = ics("DTSTART;VALUE=DATE:20270601\nDTEND;VALUE=DATE:20270603", "DTSTART;VALUE=DATE:20270610")
    assert periods(text) == [
        (utc(2027, 5, 31, 15), utc(2027, 6, 2, 15)),
        (utc(2027, 6, 9, 15), utc(2027, 6, 10, 15)),
    ]


def test_a_repeating_event_keeps_its_time_on_the_clock_over_the_edge_of_summer_time():
    zone = "TZID=Europe/Berlin"
    text = ics(f"DTSTART;{zone}:20270325T090000\nDTEND;{zone}:20270325T100000\nRRULE:FREQ=WEEKLY;COUNT=3")
    assert [start for start, _ in periods(text)] == [
        utc(2027, 3, 25, 8),
        utc(2027, 4, 1, 7),
        utc(2027, 4, 8, 7),
    ]


def test_exceptions_of_a_repeating_event_are_left_out_and_moved_ones_moved():
    series = (
        "BEGIN:VEVENT\nUID:a\nDTSTART:20270601T100000Z\nDTEND:20270601T110000Z\n"
        "RRULE:FREQ=DAILY;COUNT=4\nEXDATE:20270602T100000Z\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID:20270603T100000Z\nDTSTART:20270603T150000Z\n"
        "DTEND:20270603T160000Z\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID:20270604T100000Z\nDTSTART:20270604T100000Z\n"
        "DTEND:20270604T110000Z\nSTATUS:CANCELLED\nEND:VEVENT\n"
    )
    assert [start for start, _ in periods(ics(head=series))] == [utc(2027, 6, 1, 10), utc(2027, 6, 3, 15)]


def test_an_endless_rule_ends_where_we_stop_looking():
    text = ics("DTSTART:20200101T100000Z\nDTEND:20200101T110000Z\nRRULE:FREQ=DAILY")
    assert len(periods(text)) == 365


@pytest.mark.parametrize(
    "line", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"]
)
def test_what_is_marked_as_free_is_not_busy(line):
    assert periods(ics(f"DTSTART:20270601T100000Z\nDTEND:20270601T110000Z\n{line}")) == []


@pytest.mark.parametrize(
    "nonsense",
    [
        "DTSTART:20270601T100000Z\nDTEND:20270601T110000Z\nRRULE:FREQ=SECONDLY",
        "DTSTART:20270601T100000Z\nDTEND:20270601T110000Z\nRRULE:FREQ=MINUTELY",
        "DTSTART:20270601T100000Z\nRRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=1,2,3,4,5;BYSECOND=1,2",
        "DTSTART:20270601T100000Z\nRRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY",
        "SUMMARY:No start at all",
        "DTSTART:yesterday\nDTEND:20270601T110000Z",
    ],
)
def test_what_makes_no_sense_is_left_out_counted_and_harms_nothing_else(nonsense):
    began = time.monotonic()
    found = read(ics(nonsense, "DTSTART:20270601T100000Z\nDTEND:20270601T110000Z"))
    assert [one.start for one in found.busy] == [utc(2027, 6, 1, 10)]
    assert found.left_out == 1
    assert time.monotonic() - began < 5


def test_rules_that_no_day_fits_are_not_searched_one_after_the_other(monkeypatch):
    never = "DTSTART:20200101T100000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"
    assert periods(ics(never)) == []
    clock = iter(range(0, 100, 15))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    with pytest.raises(Unreadable):
        read(ics(never, never, never))
    assert next(clock) < 60


def test_an_event_that_ends_before_it_begins_is_read_the_other_way_round():
    text = ics("DTSTART:20270601T100000Z\nDTEND:20270601T090000Z")
    assert periods(text) == [(utc(2027, 6, 1, 9), utc(2027, 6, 1, 10))]


def test_an_event_without_an_end_takes_no_time():
    assert periods(ics("DTSTART:20270601T100000Z")) == []


@pytest.mark.parametrize(
    "text", ["", "<html>Sign in</html>", "BEGIN:VCALENDAR", "BEGIN:VCARD\r\nEND:VCARD\r\n"]
)
def test_what_is_no_calendar_is_said_to_be_none(text):
    with pytest.raises(Unreadable) as refusal:
        read(text)
    assert refusal.value.trouble == Trouble.NO_CALENDAR


def test_too_many_events_are_refused_as_a_whole():
    many = ics(*["DTSTART:20270601T100000Z\nDTEND:20270601T110000Z"] * (reading.MOST_EVENTS + 1))
    with pytest.raises(Unreadable) as refusal:
        read(many)
    assert refusal.value.trouble == Trouble.TOO_MANY


def test_a_reading_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(reading, "SECONDS", -1.0)
    with pytest.raises(Unreadable):
        read(ics("DTSTART:20270601T100000Z\nDTEND:20270601T110000Z"))


def test_titles_are_one_line_and_no_longer_than_a_column():
    (one,) = read(ics("DTSTART:20270601T100000Z\nDTEND:20270601T110000Z\nSUMMARY:Lunch\\n" + "x" * 500)).busy
    assert one.title.startswith("Lunch xxx")
    assert len(one.title) == reading.LONGEST_TITLE


@given(
    st.lists(
        st.tuples(st.datetimes(datetime(2027, 1, 2), datetime(2027, 12, 30)), st.integers(1, 3000)),
        max_size=6,
    ),
    st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "US/Pacific", "UTC"]),
)
def test_what_another_library_writes_is_read_as_it_was_meant(meant, name):
    zone = zone_of(name)
    calendar, expected = vobject.iCalendar(), set()
    for start, minutes in meant:
        begins = start.replace(microsecond=0, tzinfo=zone).astimezone(zone_of("UTC"))
        ends = begins + timedelta(minutes=minutes)
        event = calendar.add("vevent")
        event.add("dtstart").value, event.add("dtend").value = begins, ends
        expected.add((begins, ends))
    assert periods(calendar.serialize() if meant else ics()) == sorted(expected)


@given(
    st.dates(date(2027, 1, 2), date(2027, 12, 28)),
    st.integers(1, 3),
    st.sampled_from(["Europe/Berlin", "America/Havana"]),
)
def test_days_that_another_library_writes_are_whole_days_of_any_length(first, count, name):
    calendar = vobject.iCalendar()
    event = calendar.add("vevent")
    event.add("dtstart").value, event.add("dtend").value = first, first + timedelta(days=count)
    zone = zone_of(name)
    wanted = (instant(first, 0, zone), instant(first + timedelta(days=count), 0, zone))
    assert periods(calendar.serialize(), zone) == [wanted]


@given(st.binary(max_size=300).map(lambda raw: raw.decode("utf-8", errors="replace")))
def test_no_text_breaks_the_reader(noise):
    for text in (noise, ics(f"DTSTART:20270601T100000Z\n{noise}"), ics(head=noise), ics(f"DTSTART{noise}")):
        try:
            found = read(text)
        except Unreadable:
            continue
        assert all(one.start < one.end for one in found.busy)
