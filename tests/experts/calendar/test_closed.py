"""Why a slot is closed: one reason, and what each side reads of it."""

from datetime import date, time, timedelta

import pytest

from experts.calendar import Kind, closed_because, said
from experts.calendar.clock import zone_of
from experts.models import Expert
from tests.experts.calendar.cases import HOUR, away, except_, office_hours, utc
from tests.factories import make_expert, make_market, make_service

pytestmark = pytest.mark.django_db

MONDAY = date(2027, 6, 7)
NOW = utc(2027, 6, 1)
TOKYO = zone_of("Asia/Tokyo")


def monday(hour):
    return utc(2027, 6, 6, 15) + hour * HOUR


@pytest.fixture
def ask(expert):
    def closed(first, last, **more):
        return closed_because(expert, monday(first), monday(last), **{"now": NOW} | more)

    return closed


def told(reason):
    """What the two sides read."""
    return reason.for_traveler("Mei", TOKYO), reason.for_expert(TOKYO)


def test_an_open_slot_has_no_reason(ask):
    assert ask(10, 12) is None


def test_the_past_is_over(ask):
    assert ask(10, 12, now=monday(10.5)).kind == Kind.PAST


@pytest.mark.parametrize("change", [{"status": Expert.Status.PAUSED}, {"accepting_clients": False}])
def test_an_expert_who_takes_nobody_is_closed_at_all_times(expert, ask, change):
    Expert.objects.filter(pk=expert.pk).update(**change)
    expert.refresh_from_db()
    assert ask(10, 12).kind == Kind.PAUSED


def test_away_tells_the_days_to_both_and_the_reason_to_the_expert_alone(expert, ask):
    away(expert, MONDAY, date(2027, 6, 10), reason="Knee surgery")
    traveler, own = told(ask(10, 12))
    assert traveler == "Mei is away: Jun 7\u2009–\u20099, 2027."
    assert own.endswith("Knee surgery")
    assert "Knee" not in traveler


def test_outside_the_hours_says_which_part_is(expert, ask):
    office_hours(expert)
    reason = ask(15, 19)
    assert (reason.kind, reason.start, reason.end) == (Kind.HOURS, monday(17), monday(19))
    assert told(reason)[0] == "Outside the hours of Mei: Jun 7, 2027, 5:00\u202fPM – 7:00\u202fPM."


def test_blocked_hours_keep_the_note_from_the_traveler(expert, ask):
    except_(expert, "blocked", MONDAY, opens=11, closes=13, note="Parents’ evening")
    reason = ask(10, 12)
    assert (reason.kind, reason.start, reason.end) == (Kind.BLOCKED, monday(11), monday(13))
    traveler, own = told(reason)
    assert "Parents" in own
    assert "Parents" not in traveler


def test_an_imported_event_keeps_its_title_and_calendar_from_the_traveler(imported, ask):
    imported(monday(11), monday(12), "Dentist")
    traveler, own = told(ask(10, 12))
    assert own == "Busy in your calendar “Private”: Jun 7, 2027, 11:00\u202fAM – 12:00\u202fPM. Dentist"
    assert traveler == "Mei has other plans: Jun 7, 2027, 11:00\u202fAM – 12:00\u202fPM."


def test_a_booking_keeps_its_label_from_the_traveler(expert, take, ask):
    take(expert, monday(11), monday(12), "Rosa, temple walk")
    traveler, own = told(ask(10, 12))
    assert "Rosa" in own
    assert traveler == "Already taken: Jun 7, 2027, 11:00\u202fAM – 12:00\u202fPM."


def test_what_only_touches_is_open(expert, take, imported, ask):
    take(expert, monday(8), monday(10))
    imported(monday(12), monday(13))
    assert ask(10, 12) is None


def test_a_buffer_keeps_the_distance_before_and_after(expert, take, ask):
    service = make_service(expert, buffer_minutes=30)
    take(expert, monday(8), monday(9.75))
    reason = ask(10, 12, service=service)
    assert (reason.kind, reason.minutes) == (Kind.BUFFER, 30)
    assert ask(10.25, 12, service=service) is None
    take(expert, monday(12.25), monday(13))
    assert ask(10.25, 12, service=service).kind == Kind.BUFFER


def test_a_buffer_reaches_over_midnight(expert, take, ask):
    service = make_service(expert, buffer_minutes=60)
    take(expert, monday(-2), monday(-0.5))
    assert ask(0, 3, service=service).kind == Kind.BUFFER


def test_a_buffer_may_lie_outside_the_hours(expert, ask):
    office_hours(expert)
    assert ask(9, 12, service=make_service(expert, buffer_minutes=60)) is None


def test_minimum_notice_says_the_first_possible_start(expert, ask):
    service = make_service(expert, notice_hours=24)
    assert ask(10, 12, service=service, now=monday(-14)) is None
    reason = ask(10, 12, service=service, now=monday(-13.5))
    assert (reason.kind, reason.start) == (Kind.NOTICE, monday(10.5))
    assert "24 hours" in told(reason)[1]


@pytest.mark.parametrize(
    ("hour", "kind"), [(-6.1, None), (-6, Kind.CUTOFF), (5, Kind.CUTOFF), (11, Kind.PAST)]
)
def test_from_the_cut_off_on_the_day_after_is_closed(expert, ask, hour, kind):
    service = make_service(expert, notice_hours=0, cutoff=time(18))
    reason = ask(10, 12, service=service, now=monday(hour))
    assert (reason.kind if reason else None) == kind


def test_days_in_a_row_need_hours_on_each_of_them_and_none_at_night(expert, ask):
    office_hours(expert)
    service = make_service(expert, duration_hours=None, duration_days=2)
    assert ask(0, 48, service=service) is None
    friday = 4 * 24
    reason = ask(friday, friday + 48, service=service)
    assert (reason.kind, reason.start) == (Kind.DAY_OFF, monday(friday + 24))


def test_days_in_a_row_are_closed_by_what_falls_into_their_hours_alone(expert, ask, imported, take):
    office_hours(expert)
    service = make_service(expert, duration_hours=None, duration_days=2)
    imported(monday(19), monday(20), "Choir")
    assert ask(0, 48, service=service) is None
    imported(monday(30), monday(31))
    assert ask(0, 48, service=service) is None
    imported(monday(34), monday(35))
    assert ask(0, 48, service=service).kind == Kind.BUSY


def test_a_trip_of_days_without_a_service_is_asked_by_days(expert, ask):
    office_hours(expert)
    assert ask(0, 48) is None
    assert ask(0, 22).kind == Kind.HOURS


def test_who_books_is_told_what_the_calendar_says_and_looks_after_bookings_alone(expert, take, imported):
    service = make_service(expert)
    start = utc(2099, 6, 7, 1)
    take(expert, start, start + HOUR)
    assert closed_because(expert, start, start + HOUR, service=service, booked=False) is None
    imported(start, start + HOUR)
    reason = closed_because(expert, start, start + HOUR, service=service, booked=False)
    assert "Mei Tanaka has other plans" in str(said(expert, reason))


def test_a_period_in_doubled_local_time_is_asked_as_instants():
    expert = make_expert(make_market(time_zone="Europe/Berlin"))
    except_(expert, "blocked", date(2027, 10, 31), opens=2, closes=3)
    first, second = utc(2027, 10, 31, 0), utc(2027, 10, 31, 1)
    closed = [closed_because(expert, start, start + HOUR, now=NOW) is not None for start in (first, second)]
    assert closed == [True, True]  # both showings of two o'clock
    assert closed_because(expert, second + HOUR, second + 2 * HOUR, now=NOW) is None


def test_constant_queries(expert, imported, take, django_assert_num_queries):
    for hour in range(12):
        imported(monday(hour), monday(hour + 1), f"Event {hour}")
    assert expert.market
    with django_assert_num_queries(1):
        closed_because(expert, monday(20), monday(21) + timedelta(minutes=1), now=NOW)
