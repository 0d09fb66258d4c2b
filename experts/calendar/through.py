"""Which days are whole days off, of many experts at once: by the plan of the week, away, or taken by one booking or
one busy time of an imported calendar.

The database finds what may take a day, as a part of a statement that asks for more; the clock of each expert decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from psycopg.types.range import TimestamptzRange

from experts.calendar.availability import DAY, SHORTEST_DAY
from experts.calendar.clock import day_of, instant, zone_of

_IMPORTED = """
    SELECT s.expert_id, e.start, e."end", m.time_zone
    FROM experts_importedevent e JOIN experts_calendarsource s ON s.id = e.source_id
    JOIN experts_expert x ON x.id = s.expert_id JOIN markets_market m ON m.id = x.market_id
    WHERE tstzrange(e.start, e."end") && %(met)s AND e."end" - e.start >= interval '23 hours'
        AND e."end" - e.start >= %(least)s
"""
# Higher floors append: a SELECT of expert, start, end and zone of whatever meets `met` and lasts `least` at `now`.
whole_days: list[str] = [_IMPORTED]


def _found() -> str:
    return f"""({" UNION ALL ".join(whole_days)}) found (expert, start, "end", zone)"""


def statement() -> str:
    """An expression, with the parameters of `params`, for what `taken` reads."""
    return f"""(
        SELECT json_agg(json_build_array(expert, extract(epoch FROM start), extract(epoch FROM "end"), zone))
        FROM {_found()}
    )"""  # noqa: S608  # made of the providers' own words


def params(first: date, last: date) -> dict[str, Any]:
    # Whatever takes a whole day, by a clock from 14 hours before UTC to 12 behind it, meets these hours of that day.
    day = _utc(first)
    met = TimestamptzRange(day + timedelta(hours=9), day + timedelta(hours=13))
    least = ((last - first).days + 1) * SHORTEST_DAY
    return {"met": met, "least": least, "now": timezone.now()}


def taken(rows: Iterable[tuple[int, float, float, str]], first: date, last: date) -> set[int]:
    """The experts of whom one row covers the days on their clock."""
    found = set()
    for expert, start, end, name in rows:
        zone = zone_of(name)
        begins, over = instant(first, 0, zone).timestamp(), instant(last + DAY, 0, zone).timestamp()
        if start <= begins and end >= over:
            found.add(expert)
    return found


Span = tuple[
    int, int, int
]  # expert, and the first and the end of some days, counted from the first that was asked for


@dataclass(frozen=True)
class DaysOff:
    """Of experts over some days. A day is off outside the weekly plan, unless it is extra, and wherever it is taken."""

    weekdays: dict[int, int] = field(default_factory=dict)  # bits, Monday's the lowest; of those with a plan
    extra: list[Span] = field(default_factory=list)
    taken: list[Span] = field(default_factory=list)


_OFF = """
    SELECT 'taken', u.expert_id, lower(u.days) - %(first)s, upper(u.days) - %(first)s, ''
    FROM experts_unavailableperiod u WHERE u.expert_id = ANY(%(experts)s) AND u.days && %(days)s
    UNION ALL SELECT 'weekdays', l.expert_id, l.weekdays, 0, ''
    FROM experts_listing l WHERE l.expert_id = ANY(%(experts)s) AND l.weekdays <> 127
    UNION ALL SELECT 'extra', l.expert_id, lower(d) - %(first)s, upper(d) - %(first)s, ''
    FROM experts_listing l CROSS JOIN unnest(l.extra) d
    WHERE l.expert_id = ANY(%(experts)s) AND l.weekdays <> 127 AND d && %(days)s
    UNION ALL SELECT 'through', expert, extract(epoch FROM start)::bigint, extract(epoch FROM "end")::bigint, zone
    FROM {found} WHERE expert = ANY(%(experts)s)
"""


def days_off(experts: list[int], first: date, end: date) -> DaysOff:
    """From `first` to before `end`, in one query however many they are."""
    values = {
        "experts": experts,
        "first": first,
        "days": DateRange(first, end),
        # The clocks go from 12 hours behind UTC to 14 before it.
        "met": TimestamptzRange(_utc(first) - timedelta(hours=14), _utc(end) + timedelta(hours=12)),
        "least": SHORTEST_DAY,
        "now": timezone.now(),
    }
    off = DaysOff()
    with connection.cursor() as cursor:
        cursor.execute(_OFF.format(found=_found()), values)
        for kind, expert, low, high, zone in cursor.fetchall():
            if kind == "weekdays":
                off.weekdays[expert] = low
            elif kind == "extra":
                off.extra.append((expert, low, high))
            else:
                low, high = (low, high) if kind == "taken" else _through(low, high, zone, first)
                off.taken.append((expert, low, high))
    return off


def _through(start: int, end: int, name: str, first: date) -> tuple[int, int]:
    """The days that the seconds of the epoch cover from their first instant to their last."""
    zone = zone_of(name)
    begins = datetime.fromtimestamp(start, UTC)
    day = day_of(begins, zone)
    if instant(day, 0, zone) < begins:
        day += DAY
    return (day - first).days, (day_of(datetime.fromtimestamp(end, UTC), zone) - first).days


def _utc(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
