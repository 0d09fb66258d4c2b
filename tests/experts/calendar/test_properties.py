"""Any plan in any zone: free time adds up, no two periods overlap, and no zone loses or doubles a minute."""

import itertools
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import available_timezones

from hypothesis import given
from hypothesis import strategies as st

from experts.calendar.availability import Ask, Calendar, Taken, judge, slots_in
from experts.calendar.clock import day_of, days_between, instant, whole_day, zone_of
from experts.calendar.periods import clip, length, subtract, union
from experts.calendar.plan import Away, Busy, Hours, Plan
from tests.experts.calendar.cases import utc

ODD = [
    *[
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Pacific/Chatham",
        "Asia/Calcutta",
        "US/Pacific",
    ],
    *[
        "America/Havana",
        "Asia/Beirut",
        "Africa/Cairo",
        "America/Sao_Paulo",
        "Pacific/Apia",
        "Africa/Casablanca",
    ],
]
zones = st.sampled_from([*ODD, *sorted(available_timezones())]).map(zone_of)
# Many of the weeks hold an edge of summer time somewhere.
firsts = st.one_of(
    st.dates(date(2010, 1, 1), date(2036, 1, 1)),
    st.sampled_from(
        [date(2027, 3, 10), date(2027, 3, 26), date(2027, 10, 29), date(2027, 4, 2), date(2011, 12, 28)]
    ),
)
hours = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(lambda pair: (pair[0], pair[0] + pair[1]))
moments = st.integers(-24 * 60, 10 * 24 * 60)


@st.composite
def exceptions(draw, first):
    start = first + timedelta(days=draw(st.integers(-2, 8)))
    end = start + timedelta(days=draw(st.integers(1, 3)))
    free = draw(st.booleans())
    whole = free and draw(st.booleans())
    opens, closes = (None, None) if whole else draw(hours)
    return Hours(free, start, end, opens, closes, "")


@st.composite
def aways(draw, first):
    start = first + timedelta(days=draw(st.integers(-2, 8)))
    return Away(start, start + timedelta(days=draw(st.integers(1, 3))), "")


@st.composite
def pieces(draw, first, zone):
    origin = instant(first, 0, zone)
    start, minutes = draw(moments), draw(st.integers(1, 600))
    return origin + timedelta(minutes=start), origin + timedelta(minutes=start + minutes)


@st.composite
def plans(draw):
    zone, first = draw(zones), draw(firsts)
    weekly = draw(st.dictionaries(st.integers(0, 6), st.lists(hours, min_size=1, max_size=3)))
    busy = draw(st.lists(pieces(first, zone), max_size=3))
    return Plan(
        zone=zone,
        first=first,
        end=first + timedelta(days=draw(st.integers(1, 7))),
        weekly=weekly,
        exceptions=draw(st.lists(exceptions(first), max_size=3)),
        away=draw(st.lists(aways(first), max_size=2)),
        busy=[Busy(start, end, "", "") for start, end in busy],
    )


def apart(periods):
    return all(start < end for start, end in periods) and all(
        one[1] < other[0] for one, other in itertools.pairwise(periods)
    )


@given(plans())
def test_free_periods_are_in_order_apart_and_within_the_days(plan):
    assert apart(plan.free)
    assert plan.free == clip(plan.free, *plan.bounds)


@given(plans(), zones)
def test_any_readers_days_hold_each_free_minute_once(plan, reader):
    start, end = plan.bounds
    days = days_between(day_of(start, reader) - timedelta(days=1), day_of(end, reader) + timedelta(days=2))
    by_day = [clip(plan.free, *whole_day(day, reader)) for day in days]
    shown = [period for day in by_day for period in day]
    assert union(shown) == plan.free
    assert length(shown) == length(plan.free)  # no minute in two days


@given(plans())
def test_a_minute_is_free_where_plan_and_exceptions_say_so_on_the_clock(plan):
    """Told again minute by minute, away from the hours in which the clock is turned: there a rule decides."""
    start, end = plan.bounds
    for step in range(0, int((end - start) / timedelta(minutes=1)), 397):
        moment = start + timedelta(minutes=step)
        if moment.astimezone(plan.zone).utcoffset() != steady(moment, plan.zone):
            continue
        assert bool(clip(plan.free, moment, moment + timedelta(seconds=1))) == said_to_be_free(plan, moment)


def steady(moment, zone):
    """The offset of the day around the moment, or None where it changes: what began before it may be shifted."""
    around = {(moment + timedelta(hours=hour)).astimezone(zone).utcoffset() for hour in (-50, -25, 0, 25, 50)}
    return around.pop() if len(around) == 1 else None


def said_to_be_free(plan, moment):
    local = moment.astimezone(plan.zone)
    today, minute = local.date(), 60 * local.hour + local.minute + local.second / 60
    shown = [(today, minute), (today - timedelta(days=1), minute + 1440)]

    def covers(day, at, one):
        if not one.first <= day < one.end:
            return False
        return (at < 1440) if one.opens is None else one.opens <= at < one.closes

    weekly = not plan.weekly or any(
        opens <= at < closes for day, at in shown for opens, closes in plan.weekly.get(day.weekday(), ())
    )
    added = any(covers(*at, one) for at in shown for one in plan.exceptions if one.free)
    blocked = any(covers(*at, one) for at in shown for one in plan.exceptions if not one.free)
    away = any(one.first <= today < one.end for one in plan.away)
    return (weekly or added) and not blocked and not away


@given(plans())
def test_without_plan_exceptions_and_blocked_days_the_free_time_is_all_the_time(plan):
    bare = Plan(plan.zone, plan.first, plan.end, {}, [], [], [])
    spent = [whole_day(day, plan.zone) for day in days_between(plan.first, plan.end)]
    assert length(bare.free) == length(spent) == plan.bounds[1] - plan.bounds[0]


@given(plans())
def test_free_and_closed_time_together_are_all_of_the_time(plan):
    closed = subtract([plan.bounds], plan.free)
    assert length(closed) + length(plan.free) == plan.bounds[1] - plan.bounds[0]


def service_of(draw):
    days = draw(st.sampled_from([None, None, 1, 2]))
    return SimpleNamespace(
        duration_days=days,
        duration_hours=None if days else draw(st.sampled_from([0.5, 1, 3, 7.5])),
        buffer_minutes=draw(st.sampled_from([0, 15, 90])),
        notice_hours=draw(st.sampled_from([0, 30])),
        cutoff=None,
        pk=1,
        shared=False,
        daily_cap=draw(st.sampled_from([None, None, 1, 2])),
    )


@st.composite
def questions(draw):
    """A service, a day, and a calendar that reaches far enough around it."""
    plan = draw(plans())
    wide = replace(plan, end=plan.first + timedelta(days=7))
    taken = draw(st.lists(pieces(plan.first, plan.zone), max_size=2))
    booked = [
        Taken(0, start, end, service_id=draw(st.sampled_from([1, 2])), begins=start) for start, end in taken
    ]
    expert: Any = SimpleNamespace(is_open_to_inquiries=True)
    return Calendar(expert, wide, booked), service_of(draw), plan.first + timedelta(days=2)


@given(questions(), st.sampled_from([utc(2000, 1, 1), None]))
def test_a_start_is_offered_exactly_where_no_rule_closes_it(question, now):
    calendar, service, day = question
    now = now or instant(day, 9 * 60, calendar.zone)
    offered = slots_in(calendar, service, day, now=now)
    assert all(judge(Ask(calendar, start, end, service, now)) is None for start, end in offered)
    open_ones = [
        pair
        for pair in candidates(calendar, service, day)
        if judge(Ask(calendar, pair[0], pair[1], service, now)) is None
    ]
    assert offered == open_ones


def candidates(calendar, service, day):
    """Every start there could be, taken or not."""
    start, end = whole_day(day, calendar.zone)
    if service.duration_days:
        last = instant(day + timedelta(days=service.duration_days), 0, calendar.zone)
        return [(start, last)] if start < last else []
    length, step = timedelta(hours=service.duration_hours), timedelta(minutes=30)
    begins = [
        begin + number * step
        for begin, over in clip(calendar.plan.free, start, end)
        for number in range(-((begin - over) // step))
    ]
    return [(begin, begin + length) for begin in begins]
