"""Instants by the clocks of a zone, as readers of a language write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from markets import formats, moments

AT = datetime(2027, 4, 3, 22, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def plain(text):
    return text.replace("\u202f", " ").replace("\u2009", " ").replace("\xa0", " ")


@pytest.mark.parametrize("zone", ["Asia/Tokyo", ZoneInfo("Asia/Tokyo")])
def test_a_moment_is_of_the_zones_own_day(zone):
    assert plain(moments.moment(AT, zone)) == "Apr 4, 2027, 7:30 AM"
    with translation.override("de"):
        assert plain(moments.moment(AT, zone)) == "04.04.2027, 07:30"


def test_a_span_names_the_day_once_where_it_is_one():
    assert plain(moments.span(AT, AT + HOUR, "UTC")) == "Apr 3, 2027, 10:30 PM – 11:30 PM"
    assert plain(moments.span(AT, AT + 2 * HOUR, "UTC")) == "Apr 3, 2027, 10:30 PM – Apr 4, 2027, 12:30 AM"


def test_the_day_is_written_as_asked():
    assert plain(moments.span(AT, AT + HOUR, "UTC", formats.dated)).startswith("Sat, Apr 3, 2027, 10:30 PM")


def test_an_hour_that_is_left_out_is_none_and_one_that_comes_twice_the_first():
    assert moments.instant(datetime(2027, 3, 28, 2, 30), "Europe/Berlin") is None
    assert moments.instant(datetime(2027, 10, 31, 2, 30), "Europe/Berlin") == datetime(
        2027, 10, 31, 0, 30, tzinfo=UTC
    )
