"""Days and hours become instants and back, in every zone, at every edge of its clock."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from accounts.errors import DomainError
from bookings import periods
from bookings.periods import Slot

# Both edges of summer time in both halves of the world, also at midnight; half and three quarters of an hour; half an
# hour of summer time; both sides of the date line; a day that was never there; an old name.
ZONES = st.sampled_from(
    "Europe/Berlin America/New_York America/Santiago Asia/Beirut Africa/Cairo America/Havana Asia/Kolkata "
    "Asia/Kathmandu Australia/Eucla Australia/Lord_Howe Pacific/Chatham Pacific/Kiritimati Pacific/Pago_Pago "
    "Pacific/Apia America/Sao_Paulo Asia/Calcutta UTC Atlantic/Azores".split()
)
DAYS = st.dates(date(2008, 1, 1), date(2037, 12, 1))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
HOURS = st.integers(1, 240).map(lambda tenths: Decimal(tenths) / 10)
SKIPPED = {("Pacific/Apia", date(2011, 12, 30))}


@given(DAYS, TIMES, ZONES)
@example(date(2026, 3, 29), time(2, 30), "Europe/Berlin")
@example(date(2026, 10, 25), time(2, 30), "Europe/Berlin")
@example(date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe")
def test_an_instant_shows_on_the_clock_what_was_asked_or_is_refused(day, at, zone):
    try:
        found = periods.instant(day, at, zone)
    except DomainError:
        # No instant of that day shows it: the clocks jump over it.
        around = [datetime.combine(day, at, UTC) + timedelta(minutes=15 * n) for n in range(-104, 105)]
        shown = {one.astimezone(ZoneInfo(zone)).replace(tzinfo=None, second=0) for one in around}
        assert datetime.combine(day, at.replace(minute=at.minute // 15 * 15)) not in shown or at.minute % 15
        return
    local = found.astimezone(ZoneInfo(zone))
    assert (local.date(), local.time()) == (day, at)


@pytest.mark.parametrize(
    ("day", "at", "zone"),
    [
        (date(2026, 3, 29), time(2, 30), "Europe/Berlin"),
        (date(2026, 3, 8), time(2, 0), "America/New_York"),
        (date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe"),
        (date(2011, 12, 30), time(12, 0), "Pacific/Apia"),
    ],
)
def test_times_that_the_clocks_skip_are_refused_by_name(day, at, zone):
    with pytest.raises(DomainError, match=f"{zone} skip {at:%H:%M}"):
        periods.instant(day, at, zone)


def test_what_the_clocks_show_twice_is_the_first_time():
    assert periods.instant(date(2026, 10, 25), time(2, 30), "Europe/Berlin") == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


@given(DAYS, st.integers(0, 59), ZONES)
@example(date(2026, 10, 24), 2, "Europe/Berlin")
@example(date(2026, 3, 27), 2, "Asia/Beirut")
def test_whole_days_are_the_days_asked_for_and_touch_the_next_ones(first, more, zone):
    last = first + timedelta(days=more)
    assume(not {(zone, first), (zone, last)} & SKIPPED)
    slot = periods.whole_days(first, last, zone)
    assert slot.start < slot.end
    assert slot.days == (first, last)
    assert slot.is_whole_days
    after = last + timedelta(days=1)
    assume((zone, after) not in SKIPPED)
    assert periods.whole_days(after, after, zone).start == slot.end


def test_a_day_that_a_place_never_had_cannot_be_booked():
    with pytest.raises(DomainError):
        periods.whole_days(date(2011, 12, 30), date(2011, 12, 30), "Pacific/Apia")


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 3, 29), "Europe/Berlin", 23),
        (date(2026, 10, 25), "Europe/Berlin", 25),
        (date(2026, 10, 4), "Australia/Lord_Howe", Decimal("23.5")),
        (date(2026, 4, 5), "Australia/Lord_Howe", Decimal("24.5")),
        (date(2026, 6, 1), "Asia/Kathmandu", 24),
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(day, zone, hours):
    slot = periods.whole_days(day, day, zone)
    assert slot.end - slot.start == timedelta(minutes=int(hours * 60))


@given(DAYS, TIMES, HOURS, ZONES)
def test_hours_pass_whatever_the_clocks_do(day, at, hours, zone):
    try:
        start = periods.instant(day, at, zone)
    except DomainError:
        assume(False)
    slot = periods.for_hours(start, hours, zone)
    assert slot.end - slot.start == timedelta(minutes=int(hours * 60))
    first, last = slot.days
    assert first == day
    assert last - first <= timedelta(days=2)


@given(DAYS, TIMES, ZONES, st.integers(1, 30))
def test_later_is_the_same_time_by_the_clock(day, at, zone, days):
    try:
        start = periods.instant(day, at, zone)
    except DomainError:
        assume(False)
    moved = periods.later(Slot(start, start + timedelta(hours=2), zone), days)
    if moved is not None and not Slot(start, start + timedelta(hours=2), zone).is_whole_days:
        local = moved.start.astimezone(ZoneInfo(zone))
        assert (local.time(), local.date()) == (at, day + timedelta(days=days))
        assert moved.end - moved.start == timedelta(hours=2)


@given(DAYS, st.integers(0, 9), ZONES, st.integers(1, 30))
def test_whole_days_move_to_as_many_whole_days(first, more, zone, days):
    later = first + timedelta(days=days)
    assume(not any((zone, first + timedelta(days=n)) in SKIPPED for n in range(60)))
    moved = periods.later(periods.whole_days(first, first + timedelta(days=more), zone), days)
    assert moved is not None
    assert moved.days == (later, later + timedelta(days=more))


@given(st.integers(-100, 0))
def test_no_period_is_empty_or_runs_backwards(minutes):
    start = datetime(2027, 1, 1, tzinfo=UTC)
    with pytest.raises(DomainError):
        periods.slot(start, start + timedelta(minutes=minutes), "UTC")
