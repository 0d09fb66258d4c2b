"""A month, or a day, of somebody's open time, as the days of the reader's own clock have it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from babel.dates import get_day_names
from django.utils.translation import gettext as _

from experts.calendar.availability import Ask, Calendar, Departure, judge, read
from experts.calendar.clock import day_of, days_between, instant, whole_day
from experts.calendar.periods import Period, clip
from experts.calendar.reasons import Reason, seats_left
from experts.models import Expert
from markets.formats import active_locale, day
from markets.moments import clock

DAY = timedelta(days=1)
MOST_SHOWN = 4
MONTHS_AHEAD = 13


@dataclass(frozen=True)
class Cell:
    day: date
    inside: bool  # of the month that is shown
    over: bool
    today: bool
    whole: bool  # open from midnight to midnight
    open: tuple[str, ...]
    more: int
    departures: tuple[str, ...]


@dataclass(frozen=True)
class Month:
    first: date
    weekdays: list[str]
    cells: list[Cell]
    earlier: date | None
    later: date | None


def next_month(first: date) -> date:
    return (first.replace(day=1) + timedelta(days=32)).replace(day=1)


def month_before(first: date) -> date:
    return (first.replace(day=1) - DAY).replace(day=1)


def bounds(now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """The first and the last month there is something to say about."""
    first = day_of(now, zone).replace(day=1)
    return first, (first + timedelta(days=31 * MONTHS_AHEAD)).replace(day=1)


def month_from(text: str, now: datetime, zone: ZoneInfo) -> date:
    """What “2027-04” names; this month for everything else, the nearest there is for one too far."""
    lowest, highest = bounds(now, zone)
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        return lowest
    return min(max(asked, lowest), highest)


def month_of(expert: Expert, first: date, zone: ZoneInfo, now: datetime) -> tuple[Month, Calendar]:
    days = _grid(first)
    calendar = read_for(expert, days[0], days[-1] + DAY, zone)
    today = day_of(now, zone)
    lowest, highest = bounds(now, zone)
    month = Month(
        first=first,
        weekdays=_weekdays(),
        cells=[_cell(calendar, day, first, today, zone, now) for day in days],
        earlier=month_before(first) if first > lowest else None,
        later=next_month(first) if first < highest else None,
    )
    return month, calendar


def read_for(expert: Expert, first: date, end: date, zone: ZoneInfo) -> Calendar:
    """For days of the reader's clock."""
    own = ZoneInfo(expert.time_zone)
    start, over = instant(first, 0, zone), instant(end, 0, zone)
    return read(expert, day_of(start, own) - DAY, day_of(over, own) + 2 * DAY)


def _grid(first: date) -> list[date]:
    """Whole weeks, as the reader's country begins them."""
    start = first - timedelta(days=(first.weekday() - active_locale().first_week_day) % 7)
    weeks = -(-(next_month(first) - start).days // 7)
    return days_between(start, start + timedelta(days=7 * weeks))


def _weekdays() -> list[str]:
    names = get_day_names("abbreviated", locale=active_locale())
    return [names[(active_locale().first_week_day + number) % 7] for number in range(7)]


def _cell(calendar: Calendar, day: date, first: date, today: date, zone: ZoneInfo, now: datetime) -> Cell:
    start, end = whole_day(day, zone)
    inside, over = day.month == first.month, day < today
    found = clip(calendar.open, start, end) if inside and not over else []
    leaving = [one for one in calendar.departures if inside and start <= one.start < end and one.start > now]
    return Cell(
        day=day,
        inside=inside,
        over=over,
        today=day == today,
        whole=found == [(start, end)],
        open=tuple(span(*period, zone) for period in found[:MOST_SHOWN]),
        more=max(len(found) - MOST_SHOWN, 0),
        departures=tuple(said(one, zone) for one in leaving[:MOST_SHOWN]),
    )


def span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Within a day, which stands beside it."""
    return f"{clock(start.astimezone(zone))} – {clock(end.astimezone(zone))}"


def said(departure: Departure, zone: ZoneInfo) -> str:
    """Within a day, with how full it is."""
    seats = seats_left(departure.seats_left) if departure.seats_left else _("full")
    return _("%(span)s, %(seats)s") % {
        "span": span(departure.start, departure.end, zone),
        "seats": seats,
    }


@dataclass(frozen=True)
class Segment:
    """A part of a day: open, or closed for one reason."""

    start: datetime
    end: datetime
    reason: Reason | None


def segments_of(calendar: Calendar, day: date, zone: ZoneInfo, now: datetime) -> list[Segment]:
    """The whole day without a gap. Neighbours that are closed for the same reason are one."""
    start, end = whole_day(day, zone)
    joined: list[Segment] = []
    for first, last in _pieces(calendar, start, end, now):
        reason = judge(Ask(calendar, first, last, None, now, piece=True))
        before = joined[-1] if joined else None
        if before and _same(before.reason, reason):
            joined[-1] = Segment(before.start, last, _over_both(before.reason, reason))
        else:
            joined.append(Segment(first, last, reason))
    return joined


def _pieces(calendar: Calendar, start: datetime, end: datetime, now: datetime) -> Iterator[Period]:
    """Cut wherever anything begins or ends."""
    plan = calendar.plan
    groups = [plan.hours, plan.blocked_hours, plan.away_periods, calendar.commitments, plan.free]
    edges = {edge for periods in groups for period in periods for edge in period}
    cuts = sorted({start, end, *(edge for edge in {*edges, now} if start < edge < end)})
    yield from pairwise(cuts)


def _same(one: Reason | None, other: Reason | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.kind, one.detail, one.source) == (other.kind, other.detail, other.source) and (
        one.end >= other.start
    )


def _over_both(one: Reason | None, other: Reason | None) -> Reason | None:
    if one is None or other is None:
        return None
    return replace(one, start=min(one.start, other.start), end=max(one.end, other.end))


def zone_words(zone: ZoneInfo, now: datetime) -> str:
    """“Europe/Berlin (UTC+02:00)”."""
    offset = now.astimezone(zone).strftime("%z")
    return _("%(zone)s (UTC%(offset)s)") % {"zone": zone.key, "offset": f"{offset[:3]}:{offset[3:5]}"}


def heading(value: date) -> str:
    names = get_day_names("wide", locale=active_locale())
    return f"{names[value.weekday()]}, {day(value)}"
