"""Which days of a trip an expert is free, and how far the clocks are apart: edges, months, daylight saving."""

from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from experts import calendar
from experts.calendar import clock, periods
from matching import engine, receipts, wording
from matching.inputs import Brief
from matching.models import Factor, MatchScore
from tests.factories import make_booking, make_expert, make_market, make_trip

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 21)
START = date(2027, 3, 12)  # in the night to the 14th clocks move in New York


@pytest.fixture
def kyoto():
    return make_market()


def free_days(trip, today=TODAY):
    """Of the best days in a row for the one candidate."""
    return engine.rank(trip, today=today).parts.availability.free.tolist()[0] * trip.days


def block(expert, first, end):
    expert.unavailable.create(days=DateRange(first, end))


def after(days, start=START):
    return start + timedelta(days=days)


@pytest.mark.parametrize(
    ("first", "end", "free"),
    [
        (-9, 0, 5),  # the upper bound is excluded: free again on the first day
        (-9, 1, 4),
        (0, 1, 4),
        (4, 5, 4),
        (4, 90, 4),
        (5, 90, 5),
        (1, 4, 2),
        (0, 5, 0),
        (-90, 90, 0),
    ],
)
def test_the_days_that_a_period_takes_of_a_trip(kyoto, first, end, free):
    block(make_expert(kyoto), after(first), after(end))
    assert free_days(make_trip(kyoto, start=START, days=5)) == pytest.approx(free)


def test_periods_that_touch_take_their_days_once(kyoto):
    expert = make_expert(kyoto)
    for first, end in ((0, 1), (1, 2), (4, 6)):
        block(expert, after(first), after(end))
    assert free_days(make_trip(kyoto, start=START, days=5)) == pytest.approx(2)


def test_the_calendars_of_others_do_not_matter(kyoto):
    block(make_expert(kyoto, status="paused"), after(0), after(5))
    block(make_expert(make_market("Lisbon")), after(0), after(5))
    make_expert(kyoto)
    assert free_days(make_trip(kyoto, start=START, days=5)) == 5


@pytest.mark.parametrize(("blocked", "hidden"), [(0, 0), (1, MatchScore.Hidden.CALENDAR_CLOSED)])
def test_a_trip_of_one_day_is_free_or_not(kyoto, blocked, hidden):
    block(make_expert(kyoto), after(-3), after(blocked))
    ranking = engine.rank(make_trip(kyoto, start=START, days=1), today=TODAY)
    assert ranking.hidden.tolist() == [hidden]


def test_the_longest_trip_has_as_many_days_as_it_may(kyoto):
    block(make_expert(kyoto), after(0), after(9))
    assert free_days(make_trip(kyoto, start=START, days=90)) == pytest.approx(81)


@pytest.mark.parametrize(
    ("day", "days"), [(date(2028, 2, 1), 29), (date(2027, 2, 1), 28), (date(2026, 12, 1), 31)]
)
def test_a_flexible_month_has_the_days_of_its_calendar(kyoto, day, days):
    make_expert(kyoto)
    trip = make_trip(kyoto, start=None, flexible_month=day, days=5)
    assert engine.rank(trip, today=TODAY).pool.blocked.shape == (1, days)


def test_days_in_a_row_do_not_run_on_into_the_next_month(kyoto):
    expert = make_expert(kyoto)
    block(expert, date(2027, 2, 1), date(2027, 2, 26))
    trip = make_trip(kyoto, start=None, flexible_month=date(2027, 2, 1), days=5)
    assert free_days(trip) == pytest.approx(3)


def test_days_that_are_over_are_no_free_days(kyoto):
    block(make_expert(kyoto), TODAY, date(2026, 12, 1))
    trip = make_trip(kyoto, start=None, flexible_month=date(2026, 11, 1), days=5)
    assert free_days(trip, today=date(2026, 11, 1)) == 5
    assert free_days(trip, today=TODAY) == 0


def test_a_month_that_is_over_is_ranked_as_it_was(kyoto):
    make_expert(kyoto)
    trip = make_trip(kyoto, start=None, flexible_month=date(2026, 11, 1), days=5)
    assert free_days(trip, today=date(2026, 12, 1)) == 5


def clocks_of(trip):
    return Brief.of(trip, today=TODAY).hours_apart


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2027, 3, 13), 10),  # 14 behind: the short way round is 10
        ("America/New_York", date(2027, 3, 14), 11),
        ("America/New_York", date(2027, 11, 6), 11),
        ("America/New_York", date(2027, 11, 7), 10),
        ("Europe/Berlin", date(2027, 3, 27), 8),
        ("Europe/Berlin", date(2027, 3, 28), 7),
        ("Australia/Lord_Howe", date(2027, 4, 3), 2),
        ("Australia/Lord_Howe", date(2027, 4, 4), 1.5),  # half an hour of daylight saving
        ("Asia/Kathmandu", date(2027, 1, 1), 3.25),
        ("Pacific/Chatham", date(2027, 1, 1), 4.75),
        ("Pacific/Niue", date(2027, 1, 1), 4),
        ("Asia/Calcutta", date(2027, 1, 1), 3.5),
        ("US/Pacific", date(2027, 1, 1), 7),
    ],
)
def test_clocks_are_those_of_the_first_day(kyoto, zone, day, hours):
    assert clocks_of(make_trip(kyoto, time_zone=zone, start=day)) == hours


def test_both_clocks_may_move(kyoto):
    berlin = make_market("Berlin", time_zone="Europe/Berlin")
    apart = {
        day: clocks_of(make_trip(berlin, time_zone="America/New_York", start=day))
        for day in (date(2027, 3, 13), date(2027, 3, 20), date(2027, 3, 28))
    }
    assert list(apart.values()) == [6, 5, 6]


def test_a_flexible_trip_takes_the_clocks_of_the_first_of_the_month(kyoto):
    trip = make_trip(kyoto, start=None, flexible_month=date(2027, 3, 1), time_zone="America/New_York")
    assert clocks_of(trip) == 10


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Asia/Kolkata", "Your clocks are 4 hours apart"),
        ("Asia/Seoul", None),
        ("Asia/Shanghai", "Your clocks are 1 hour apart"),
    ],
)
def test_the_receipt_names_clocks_that_differ(kyoto, zone, said):
    make_expert(kyoto)
    trip = make_trip(kyoto, time_zone=zone, start=date(2027, 1, 1))
    (receipt,) = receipts.receipts(engine.rank(trip, today=TODAY), [0])
    lines = wording.evidence(receipt.evidence)[list(Factor).index(Factor.AVAILABILITY)][1]
    assert [line for line in lines if "clocks" in line] == ([said] if said else [])


def test_a_weekend_off_is_no_time_for_a_trip(kyoto):
    expert = make_expert(kyoto)
    for weekday in range(5):
        expert.weekly_hours.create(weekday=weekday, opens=540, closes=1020)
    friday = START
    assert free_days(make_trip(kyoto, start=friday, days=5)) == pytest.approx(3)
    assert free_days(make_trip(kyoto, start=after(1), days=2)) == 0
    expert.calendar_exceptions.create(kind="free", days=DateRange(after(1), after(2)))
    assert free_days(make_trip(kyoto, start=friday, days=5)) == pytest.approx(4)


def test_what_is_booked_or_imported_takes_its_whole_days(kyoto):
    expert = make_expert(kyoto)
    make_booking(expert, start=after(1), end=after(2), state="confirmed")
    make_booking(expert, start=after(3), end=after(3), state="cancelled")
    source = expert.calendar_sources.create(name="Private", content="x", fingerprint="x", state="read")
    zone = ZoneInfo(kyoto.time_zone)
    day = datetime.combine(after(4), time(), tzinfo=zone)
    source.events.create(start=day - timedelta(hours=5), end=day + timedelta(days=1))
    source.events.create(start=day - timedelta(days=1, hours=-1), end=day - timedelta(hours=9))
    # The first day of the window is one of a booking that began before it; hours leave the day free.
    make_booking(expert, start=after(-4), end=after(0), state="held")
    hours = (day - timedelta(days=1, hours=-9), day - timedelta(days=1, hours=-12))
    make_booking(expert, period=hours, state="requested")
    assert free_days(make_trip(kyoto, start=START, days=5)) == pytest.approx(1)


def test_a_booking_by_days_of_the_experts_clock_is_no_other_day_by_utc():
    apia = make_market("Apia", time_zone="Pacific/Apia")
    make_booking(make_expert(apia), start=START, end=START, state="confirmed")
    assert free_days(make_trip(apia, start=START, days=3)) == pytest.approx(2)
    assert free_days(make_trip(apia, start=after(1), days=3)) == pytest.approx(3)


@pytest.mark.parametrize("seed", range(4))
def test_a_day_is_off_where_the_calendar_says_so(kyoto, seed):
    chance = Random(seed)
    experts = [make_expert(kyoto) for _ in range(8)]
    for expert in experts:
        for weekday in chance.sample(range(7), chance.randint(0, 6)):
            opens = chance.randrange(0, 1380, 30)
            expert.weekly_hours.create(weekday=weekday, opens=opens, closes=opens + 60)
        for _ in range(2):
            first = after(chance.randint(-3, 12))
            days = DateRange(first, first + timedelta(days=chance.randint(1, 3)))
            expert.calendar_exceptions.get_or_create(kind="free", days=days)
    block(experts[0], after(2), after(4))
    trip = make_trip(kyoto, start=START, days=12)
    pool = engine.rank(trip, today=TODAY).pool
    for expert, blocked in zip(experts, pool.blocked, strict=True):
        free = calendar.free_periods(expert, START, after(12))
        days = [clock.whole_day(after(number), ZoneInfo(kyoto.time_zone)) for number in range(12)]
        assert blocked.tolist() == [not periods.clip(free, *day) for day in days]
