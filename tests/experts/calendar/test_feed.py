"""The feed that goes out, read by another library than the one that writes it."""

from datetime import UTC, date, datetime, timedelta

import pytest
import vobject  # type: ignore[import-untyped]
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from experts.calendar import availability, feed, reading
from experts.calendar.clock import zone_of
from tests.experts.calendar.cases import HOUR, away, except_, utc
from tests.factories import make_expert, make_market

pytestmark = pytest.mark.django_db

NOW = utc(2027, 6, 1)
MONDAY = date(2027, 6, 7)


@pytest.fixture
def opened(expert):
    return feed.open_feed(expert=expert, by=expert.user)


def url(opened):
    return reverse("experts:calendar_feed", args=[opened.address])


def events(content):
    return vobject.readOne(content.decode()).contents.get("vevent", [])


def as_periods(content):
    return sorted((str(event.dtstart.value), str(event.dtend.value)) for event in events(content))


def test_another_library_reads_the_same_busy_times(expert, opened, take):
    away(expert, MONDAY, date(2027, 6, 9))
    except_(expert, "blocked", date(2027, 6, 10), opens=14, closes=16)
    take(expert, utc(2027, 6, 11, 1), utc(2027, 6, 11, 4))
    content = feed.write(opened, now=NOW)
    assert as_periods(content) == [
        ("2027-06-07", "2027-06-09"),
        ("2027-06-10 05:00:00+00:00", "2027-06-10 07:00:00+00:00"),
        ("2027-06-11 01:00:00+00:00", "2027-06-11 04:00:00+00:00"),
    ]


def test_a_booking_of_whole_days_is_days_for_other_programs(expert, opened, take):
    take(expert, utc(2027, 6, 10, 15), utc(2027, 6, 12, 15))  # midnights in Kyoto
    content = feed.write(opened, now=NOW)
    assert as_periods(content) == [("2027-06-11", "2027-06-13")]
    assert b"DTSTART;VALUE=DATE:20270611" in content


def test_the_buffers_around_booked_days_stay_times(expert, opened, take):
    begins, ends = utc(2027, 6, 10, 15), utc(2027, 6, 11, 15)
    take(expert, begins - HOUR, ends + HOUR, begins=begins)
    assert as_periods(feed.write(opened, now=NOW)) == [
        ("2027-06-10 14:00:00+00:00", "2027-06-10 15:00:00+00:00"),
        ("2027-06-11", "2027-06-12"),
        ("2027-06-11 15:00:00+00:00", "2027-06-11 16:00:00+00:00"),
    ]


def test_a_booking_over_midnight_is_no_day(expert, opened, take):
    take(expert, utc(2027, 6, 10, 14), utc(2027, 6, 11, 15))
    assert as_periods(feed.write(opened, now=NOW)) == [
        ("2027-06-10 14:00:00+00:00", "2027-06-11 15:00:00+00:00")
    ]


def test_booked_days_across_a_change_of_the_clock_are_days(take):
    expert = make_expert(make_market(time_zone="Europe/Lisbon"))
    take(expert, utc(2027, 3, 27), utc(2027, 3, 28, 23))  # the second has 23 hours
    opened = feed.open_feed(expert=expert, by=expert.user)
    assert as_periods(feed.write(opened, now=utc(2027, 3, 1))) == [("2027-03-27", "2027-03-29")]


def test_nobody_and_nothing_is_named(expert, opened, take, imported):
    away(expert, MONDAY, date(2027, 6, 9), reason="Knee surgery")
    except_(expert, "blocked", date(2027, 6, 10), opens=14, closes=16, note="Parents’ evening")
    take(expert, utc(2027, 6, 11, 1), utc(2027, 6, 11, 4), "Rosa, temple walk")
    content = feed.write(opened, now=NOW).decode()
    assert {event.summary.value for event in events(content.encode())} == {"Busy"}
    assert [word for word in ("Rosa", "Knee", "Parents", "Mei", expert.user.email) if word in content] == []


def test_what_was_imported_does_not_go_out_again(opened, imported):
    imported(utc(2027, 6, 8, 1), utc(2027, 6, 8, 2))
    assert events(feed.write(opened, now=NOW)) == []


def test_a_feed_that_comes_back_adds_nothing_and_that_of_a_colleague_does(expert, opened, take):
    take(expert, utc(2027, 6, 11, 1), utc(2027, 6, 11, 4))
    text = feed.write(opened, now=NOW).decode()
    bounds = {"zone": zone_of("Asia/Tokyo"), "start": NOW, "end": NOW + timedelta(days=60)}
    assert reading.read(text, skip=feed.uid_ending(expert.pk), **bounds).busy == []
    colleague = reading.read(text, skip=feed.uid_ending(expert.pk + 1), **bounds)
    assert [(one.start, one.end) for one in colleague.busy] == [(utc(2027, 6, 11, 1), utc(2027, 6, 11, 4))]


@pytest.mark.parametrize("zone", ["Asia/Calcutta", "US/Pacific", "Pacific/Apia", "Asia/Kathmandu"])
def test_what_goes_out_comes_back_as_it_was_in_every_zone(zone, take):
    expert = make_expert(make_market(time_zone=zone))
    away(expert, MONDAY, date(2027, 6, 9))
    except_(expert, "blocked", date(2027, 6, 10), opens=14, closes=26)
    opened = feed.open_feed(expert=expert, by=expert.user)
    found = reading.read(
        feed.write(opened, now=NOW).decode(), zone=zone_of(zone), start=NOW, end=NOW + timedelta(days=60)
    )
    calendar = availability.read(expert, date(2027, 6, 1), date(2027, 7, 1))
    blocked = [*calendar.plan.away_periods, *calendar.plan.blocked_hours]
    assert [(one.start, one.end) for one in found.busy] == blocked


def test_an_event_keeps_its_name_as_long_as_it_says_the_same(expert, opened, take):
    take(expert, utc(2027, 6, 11, 1), utc(2027, 6, 11, 4))
    first = feed.write(opened, now=NOW)
    assert feed.write(opened, now=NOW + HOUR) == first
    take(expert, utc(2027, 6, 12, 1), utc(2027, 6, 12, 4))
    names = [
        {event.uid.value for event in events(content)} for content in (first, feed.write(opened, now=NOW))
    ]
    assert names[0] < names[1]


def test_over_http_it_is_a_calendar_that_nobody_keeps_or_finds(client, opened):
    response = client.get(url(opened))
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert response.headers["X-Robots-Tag"] == "noindex"


def test_who_has_the_newest_is_told_so_until_something_changes(client, expert, opened):
    etag = client.get(url(opened)).headers["ETag"]
    assert client.get(url(opened), headers={"If-None-Match": etag}).status_code == 304
    today = datetime.now(UTC).date()
    away(expert, today + timedelta(days=9), today + timedelta(days=10))
    assert client.get(url(opened), headers={"If-None-Match": etag}).status_code == 200


def test_no_guess_and_no_closed_or_replaced_address_answers(client, expert, opened):
    old = url(opened)
    assert client.get(reverse("experts:calendar_feed", args=["x" * 43])).status_code == 404
    feed.renew_feed(expert=expert, by=expert.user, address=opened.address)
    assert client.get(old).status_code == 404
    opened.refresh_from_db()
    assert client.get(url(opened)).status_code == 200
    feed.close_feed(expert=expert, by=expert.user)
    assert client.get(url(opened)).status_code == 404


def test_a_double_click_replaces_the_address_once(expert, opened):
    for _ in range(2):
        feed.renew_feed(expert=expert, by=expert.user, address=opened.address)
    assert AuditEvent.objects.filter(action="calendar.feed_renew").count() == 1


def test_an_account_that_is_closed_shows_nothing(client, expert, opened):
    expert.user.is_active = False
    expert.user.save()
    assert client.get(url(opened)).status_code == 404


def test_the_feed_only_reads(opened):
    assert Client().post(url(opened)).status_code == 405


def test_constant_queries(client, expert, opened, django_assert_num_queries):
    for number in range(5):
        except_(expert, "blocked", datetime.now(UTC).date() + timedelta(days=number), opens=9, closes=10)
    with django_assert_num_queries(3):  # the feed, the plan, what is booked
        client.get(url(opened))
