"""Whom one booking, or one busy time of an imported calendar, takes through all of some days: of all experts at once.

The database finds what may do so, as a part of a statement that asks for more; the clock of each expert decides.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone
from psycopg.types.range import TimestamptzRange

from experts.calendar.availability import DAY, SHORTEST_DAY
from experts.calendar.clock import instant, zone_of

_IMPORTED = """
    SELECT s.expert_id, e.start, e."end", m.time_zone
    FROM experts_importedevent e JOIN experts_calendarsource s ON s.id = e.source_id
    JOIN experts_expert x ON x.id = s.expert_id JOIN markets_market m ON m.id = x.market_id
    WHERE tstzrange(e.start, e."end") && %(met)s AND e."end" - e.start >= interval '23 hours'
        AND e."end" - e.start >= %(least)s
"""
# Higher floors append: a SELECT of expert, start, end and zone of whatever meets `met` and lasts `least` at `now`.
whole_days: list[str] = [_IMPORTED]


def statement() -> str:
    """An expression, with the parameters of `params`, for what `taken` reads."""
    return f"""(
        SELECT json_agg(json_build_array(expert, extract(epoch FROM start), extract(epoch FROM "end"), zone))
        FROM ({" UNION ALL ".join(whole_days)}) found (expert, start, "end", zone)
    )"""  # noqa: S608  # made of the providers' own words


def params(first: date, last: date) -> dict[str, Any]:
    # Whatever takes a whole day, by a clock from 14 hours before UTC to 12 behind it, meets these hours of that day.
    day = datetime(first.year, first.month, first.day, tzinfo=UTC)
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
