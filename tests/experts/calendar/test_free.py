"""Which periods are free: the weekly plan, exceptions and blocked days."""

from datetime import date, timedelta

import pytest

from experts.calendar import free_periods, open_periods, read_all_around, read_around
from experts.calendar.clock import zone_of
from experts.calendar.periods import length
from experts.models import Expert
from tests.experts.calendar.cases import HOUR, away, except_, office_hours, plan, utc
from tests.factories import make_expert, make_market

pytestmark = pytest.mark.django_db

MONDAY = date(2027, 6, 7)
NEXT = MONDAY + timedelta(days=1)


def monday(hour):
    """On Kyoto's clock."""
    return utc(2027, 6, 6, 15) + hour * HOUR


def free(expert, first=MONDAY, end=NEXT):
    return free_periods(expert, first, end)


def test_without_a_weekly_plan_all_hours_of_all_days_are_free(expert):
    assert free(expert, MONDAY, date(2027, 6, 9)) == [(monday(0), monday(48))]


def test_days_that_are_blocked_are_not_free(expert):
    away(expert, MONDAY, NEXT)
    assert free(expert, date(2027, 6, 6), date(2027, 6, 9)) == [
        (monday(-24), monday(0)),
        (monday(24), monday(48)),
    ]


def test_a_weekday_has_several_periods_and_another_none(expert):
    plan(expert, (0, 9, 12), (0, 13.5, 18))
    assert free(expert) == [(monday(9), monday(12)), (monday(13.5), monday(18))]
    assert free(expert, NEXT, NEXT + timedelta(days=6)) == []


def test_hours_over_midnight_belong_to_the_day_they_begin_on(expert):
    plan(expert, (0, 20, 26))
    assert free(expert) == [(monday(20), monday(24))]
    assert free(expert, NEXT, NEXT + timedelta(days=1)) == [(monday(24), monday(26))]
    assert free(expert, MONDAY, date(2027, 6, 9)) == [(monday(20), monday(26))]


def test_sunday_night_goes_on_on_monday(expert):
    plan(expert, (6, 22, 27))
    assert free(expert) == [(monday(0), monday(3))]


def test_an_exception_adds_hours_to_the_plan(expert):
    office_hours(expert)
    except_(expert, "free", MONDAY, opens=17, closes=20)
    except_(expert, "free", MONDAY, opens=6, closes=7)
    assert free(expert) == [(monday(6), monday(7)), (monday(9), monday(20))]


def test_a_whole_day_that_is_free_is_free_from_midnight_to_midnight(expert):
    plan(expert, (3, 9, 10))
    except_(expert, "free", MONDAY)
    assert free(expert) == [(monday(0), monday(24))]


def test_blocked_hours_win_over_free_ones_on_each_of_the_days(expert):
    office_hours(expert)
    except_(expert, "free", MONDAY)
    except_(expert, "blocked", MONDAY, MONDAY + timedelta(days=2), opens=12, closes=13)
    assert free(expert) == [(monday(0), monday(12)), (monday(13), monday(24))]
    assert free(expert, NEXT, NEXT + timedelta(days=1)) == [
        (monday(33), monday(36)),
        (monday(37), monday(41)),
    ]


def test_blocked_hours_after_midnight_reach_into_the_next_day(expert):
    except_(expert, "blocked", MONDAY, opens=23, closes=25)
    assert free(expert, NEXT, NEXT + timedelta(days=1)) == [(monday(25), monday(48))]


def test_blocked_days_win_over_everything(expert):
    except_(expert, "free", MONDAY)
    away(expert, MONDAY, NEXT)
    assert free(expert) == []


def test_what_is_booked_or_busy_elsewhere_is_free_by_plan_but_not_open(expert, take, imported):
    office_hours(expert)
    take(expert, monday(9), monday(10))
    imported(monday(12), monday(14))
    assert free(expert) == [(monday(9), monday(17))]
    assert open_periods(expert, MONDAY, NEXT) == [(monday(10), monday(12)), (monday(14), monday(17))]


def test_the_calendar_of_somebody_else_changes_nothing(expert, take):
    other = make_expert(expert.market)
    plan(other, (0, 1, 2))
    away(other, MONDAY, NEXT)
    take(other, monday(9), monday(10))
    assert open_periods(expert, MONDAY, NEXT) == [(monday(0), monday(24))]


@pytest.mark.parametrize("zone", ["Asia/Calcutta", "US/Pacific", "Asia/Katmandu"])
def test_a_plan_in_a_zone_with_an_old_name_is_read_by_its_clock(zone):
    expert = make_expert(make_market(time_zone=zone))
    office_hours(expert)
    (period,) = free(expert)
    assert [moment.astimezone(zone_of(zone)).hour for moment in period] == [9, 17]


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2027, 3, 28), 3), (date(2027, 10, 31), 5), (date(2027, 6, 6), 4)]
)
def test_on_the_edges_of_summer_time_the_night_shift_is_an_hour_shorter_or_longer(day, hours):
    expert = make_expert(make_market(time_zone="Europe/Berlin"))
    plan(expert, (6, 0, 4))
    assert length(free(expert, day, day + timedelta(days=1))) == hours * HOUR


def test_one_query_reads_the_whole_calendar(expert, django_assert_num_queries, imported):
    office_hours(expert)
    away(expert, MONDAY, NEXT)
    except_(expert, "blocked", NEXT, opens=9, closes=10)
    imported(monday(33), monday(34))
    assert expert.market  # whoever asks has it
    with django_assert_num_queries(1):
        free(expert, MONDAY, date(2027, 8, 1))


def test_the_calendars_of_several_are_each_as_if_it_were_read_alone(expert, take, imported):
    others = [
        make_expert(make_market("Lima", time_zone=zone)) for zone in ("America/Lima", "Pacific/Auckland")
    ]
    office_hours(expert)
    imported(monday(10), monday(11))
    for other in others:
        plan(other, (0, 12, 14), (6, 22, 26))
        except_(other, "free", MONDAY, opens=9, closes=10)
        away(other, MONDAY - timedelta(days=1), NEXT)
        take(other, monday(11), monday(12))
    several = [others[0], expert, others[1]]
    for read, one in zip(read_all_around(several, monday(9), monday(18)), several, strict=True):
        assert read == read_around(one, monday(9), monday(18))
        assert read.commitments
    assert read_all_around([], monday(9), monday(18)) == []


@pytest.mark.parametrize("count", [1, 3])
def test_one_query_reads_the_calendars_of_several(count, django_assert_num_queries, take):
    for _ in range(count):
        make_expert()
    experts = list(Expert.objects.select_related("market"))
    with django_assert_num_queries(1):
        read_all_around(experts, monday(9), monday(18))
