"""Local times and instants, in every zone there is: both edges of summer time, half hours, midnight, the date line."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experts.calendar.clock import day_of, days_between, instant, whole_day, zone_of
from tests.experts.calendar.cases import utc

# Where clocks do the odd things: half an hour of summer time, 45 minutes, jumps at midnight, over the date line.
ODD = [
    *["Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Chatham", "Asia/Kolkata", "Asia/Calcutta"],
    *["America/Havana", "Asia/Beirut", "Africa/Cairo", "America/Sao_Paulo", "America/Asuncion"],
    *[
        "Pacific/Apia",
        "Pacific/Fakaofo",
        "Pacific/Kiritimati",
        "US/Pacific",
        "Europe/Berlin",
        "Africa/Casablanca",
    ],
]
zones = st.sampled_from([*ODD, *sorted(available_timezones())]).map(ZoneInfo)
days = st.dates(date(1971, 1, 2), date(2037, 12, 30))
minutes = st.integers(0, 2 * 24 * 60)


def wall(moment, zone):
    return moment.astimezone(zone).replace(tzinfo=None)


@given(zones, days, minutes)
def test_a_local_time_is_the_first_instant_at_which_the_clock_shows_it_or_a_later_one(zone, day, minute):
    asked = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
    found = instant(day, minute, zone)
    assert wall(found, zone) >= asked
    assert wall(found - timedelta(seconds=1), zone) < asked


@given(zones, days, minutes, minutes)
def test_a_later_local_time_is_never_an_earlier_instant(zone, day, one, other):
    first, last = sorted([one, other])
    assert instant(day, first, zone) <= instant(day, last, zone)


@given(zones, days, st.integers(1, 60))
def test_days_follow_each_other_without_overlap_or_gap(zone, first, count):
    whole = [whole_day(day, zone) for day in days_between(first, first + timedelta(days=count))]
    assert [end for _, end in whole[:-1]] == [start for start, _ in whole[1:]]
    spent = sum((end - start for start, end in whole), timedelta(0))
    assert spent == whole[-1][1] - whole[0][0]


@given(zones, st.datetimes(datetime(1971, 1, 2), datetime(2037, 12, 30)))
def test_every_instant_is_in_the_day_that_the_calendar_shows(zone, naive):
    moment = naive.replace(tzinfo=UTC, microsecond=0)
    start, end = whole_day(day_of(moment, zone), zone)
    assert start <= moment < end


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2027, 3, 28), 23),
        ("Europe/Berlin", date(2027, 10, 31), 25),
        ("US/Pacific", date(2027, 3, 14), 23),
        ("Australia/Lord_Howe", date(2027, 10, 3), 23.5),
        ("Australia/Lord_Howe", date(2027, 4, 4), 24.5),
        ("America/Havana", date(2027, 3, 14), 23),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("Asia/Kathmandu", date(2027, 3, 28), 24),
    ],
)
def test_how_long_a_day_is(zone, day, hours):
    start, end = whole_day(day, zone_of(zone))
    assert end - start == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("zone", "day", "minute", "expected"),
    [
        ("Europe/Berlin", date(2027, 3, 28), 150, utc(2027, 3, 28, 1)),  # 2:30 is never shown
        ("Europe/Berlin", date(2027, 10, 31), 150, utc(2027, 10, 31, 0, 30)),  # 2:30 is shown twice
        ("America/Havana", date(2027, 3, 14), 0, utc(2027, 3, 14, 5)),  # no midnight
        ("Asia/Kathmandu", date(2027, 1, 1), 0, utc(2026, 12, 31, 18, 15)),
        ("Pacific/Apia", date(2011, 12, 30), 600, utc(2011, 12, 30, 10)),  # the day that never was
        ("Pacific/Kiritimati", date(2027, 1, 1), 24 * 60, utc(2027, 1, 1, 10)),
    ],
)
def test_local_times_at_the_edges(zone, day, minute, expected):
    assert instant(day, minute, zone_of(zone)) == expected


@pytest.mark.parametrize(
    ("old", "new"), [("Asia/Calcutta", "Asia/Kolkata"), ("US/Pacific", "America/Los_Angeles")]
)
@given(day=days, minute=minutes)
def test_old_names_of_zones_say_what_the_new_ones_do(old, new, day, minute):
    assert instant(day, minute, zone_of(old)) == instant(day, minute, zone_of(new))
