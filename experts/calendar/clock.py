"""Between what clocks on a wall show and instants.

Twice a year, at other times and by other steps in every zone, a clock leaves out times or shows them twice. One rule
covers it all: a local time stands for the first instant at which the clock shows that time or a later one. So a time
left out is the moment of the jump, a doubled time is its first showing, consecutive periods never overlap and leave
nothing between them, and a day lasts from its first instant to the next day's: 23, 24 or 25 hours, or none at all
where a country jumped over the date line.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """Old names (Asia/Calcutta, US/Pacific) are names as good as the new ones."""
    return ZoneInfo(name)


# Pages ask for the same hours of the same days again and again.
@lru_cache(maxsize=16_384)
def instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """In UTC. `minute` may go beyond the day's 1440: then it is on a later day."""
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
    found = wall.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    return _jump(wall, zone)


def _jump(wall: datetime, zone: ZoneInfo) -> datetime:
    """The clock never shows this time: the instant at which it jumps over it."""
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    while after - before > SECOND:
        middle = before + (after - before) // 2 // SECOND * SECOND
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return after


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def whole_day(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From its first instant to the next day's. Both are the same where the day never was."""
    return instant(day, 0, zone), instant(day + timedelta(days=1), 0, zone)


def days_between(first: date, end: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((end - first).days)]
