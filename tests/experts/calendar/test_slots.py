"""The possible starts of a service, and the next free ones."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from experts.calendar import next_free, slots
from experts.models import Expert
from tests.experts.calendar.cases import HOUR, away, office_hours, plan, utc
from tests.factories import make_expert, make_market, make_service

pytestmark = pytest.mark.django_db

MONDAY = date(2027, 6, 7)
NOW = utc(2027, 6, 1)


def monday(hour):
    return utc(2027, 6, 6, 15) + hour * HOUR


def starts(service, day=MONDAY, now=NOW):
    """In hours of Monday on Kyoto's clock."""
    return [(start - monday(0)) / HOUR for start, _ in slots(service, day, now=now)]


def test_every_half_hour_that_leaves_enough_time(expert):
    plan(expert, (0, 9, 12.5))
    assert starts(make_service(expert, duration_hours=Decimal(3))) == [9, 9.5]


def test_the_steps_begin_with_the_hours(expert):
    plan(expert, (0, 9.25, 10.5))
    assert starts(make_service(expert, duration_hours=Decimal("0.5"))) == [9.25, 9.75]


def test_a_late_start_may_end_after_midnight(expert):
    plan(expert, (0, 22, 26))
    assert starts(make_service(expert, duration_hours=Decimal(3))) == [22, 22.5, 23]


def test_bookings_with_their_buffer_leave_what_is_between(expert, take):
    plan(expert, (0, 9, 17))
    take(expert, monday(12), monday(13))
    service = make_service(expert, duration_hours=Decimal(2), buffer_minutes=30)
    assert starts(service) == [9, 9.5, 13.5, 14, 14.5, 15]


def test_notice_and_cut_off_close_the_early_ones(expert):
    plan(expert, (0, 9, 13))
    service = make_service(expert, duration_hours=Decimal(3), notice_hours=2)
    assert starts(service, now=monday(7.25)) == [9.5, 10]
    service.cutoff = time(18)
    assert starts(service, now=monday(7.25)) == []


def test_nobody_can_start_with_an_expert_who_takes_no_clients(expert):
    service = make_service(expert)
    Expert.objects.filter(pk=expert.pk).update(accepting_clients=False)
    service.expert.refresh_from_db()
    assert starts(service) == []


def test_days_in_a_row_begin_at_midnight_of_the_expert(expert):
    office_hours(expert)
    service = make_service(expert, duration_hours=None, duration_days=3)
    assert slots(service, MONDAY, now=NOW) == [(monday(0), monday(72))]
    assert slots(service, MONDAY + timedelta(days=3), now=NOW) == []  # would reach into Saturday


def test_a_day_of_23_hours_has_two_starts_less():
    expert = make_expert(make_market(time_zone="Europe/Berlin"))
    service = make_service(expert, duration_hours=Decimal(1))
    counts = [len(slots(service, day, now=NOW - 365 * 24 * HOUR)) for day in _edges()]
    assert counts == [46, 48, 50]


def _edges():
    return [date(2027, 3, 28), date(2027, 3, 29), date(2027, 10, 31)]


def test_two_days_over_the_edge_of_summer_time_end_at_midnight_all_the_same():
    expert = make_expert(make_market(time_zone="Europe/Berlin"))
    service = make_service(expert, duration_hours=None, duration_days=2)
    ((start, end),) = slots(service, date(2027, 3, 27), now=utc(2027, 3, 1))
    assert (start, end) == (utc(2027, 3, 26, 23), utc(2027, 3, 28, 22))


def test_the_next_free_ones_follow_each_other_over_days(expert, take):
    plan(expert, (0, 9, 12), (2, 9, 11))
    take(expert, monday(10), monday(12))
    found = next_free(expert, HOUR, monday(8), count=4, now=NOW)
    assert found == [(monday(hour), monday(hour + 1)) for hour in (9, 57, 58, 7 * 24 + 9)]


def test_the_next_free_ones_begin_no_earlier_than_asked(expert):
    assert next_free(expert, HOUR, monday(9) + timedelta(minutes=1), count=1, now=NOW) == [
        (monday(9.5), monday(10.5))
    ]


def test_the_next_free_ones_keep_the_notice_of_the_service(expert):
    service = make_service(expert, notice_hours=48)
    found = next_free(expert, 3 * HOUR, monday(0), count=1, service=service, now=monday(0))
    assert found == [(monday(48), monday(51))]


def test_the_search_goes_on_beyond_months_of_absence_and_ends(expert):
    away(expert, date(2027, 6, 1), date(2027, 12, 1))
    ((start, _),) = next_free(expert, HOUR, NOW, count=1, now=NOW)
    assert start == utc(2027, 11, 30, 15)
    away(expert, date(2027, 12, 1), date(2029, 1, 1))
    assert next_free(expert, HOUR, NOW, count=1, now=NOW) == []


def test_the_next_days_in_a_row(expert):
    office_hours(expert)
    service = make_service(expert, duration_hours=None, duration_days=3)
    length = timedelta(days=3)
    found = next_free(expert, length, monday(1), count=2, service=service, now=NOW)
    assert [start for start, _ in found] == [monday(24), monday(7 * 24)]
