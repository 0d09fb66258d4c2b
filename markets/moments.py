"""Instants as people read them: by the clock of a named zone, in the reader's language."""

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_interval, format_time, get_timezone_name

from markets.formats import active_locale, day


def local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone))


def instant(wall: datetime, zone: str) -> datetime | None:
    """What a clock in the zone means, in UTC; None for an hour that is left out there.

    An hour that comes twice is taken for the first one.
    """
    found = wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    return found if local(found, zone).replace(tzinfo=None) == wall else None


@lru_cache(maxsize=4096)
def _clock(hour: int, minute: int, locale: Locale) -> str:
    return format_time(time(hour, minute), "short", locale=locale)


def moment(instant: datetime, zone: str) -> str:
    """“Apr 3, 2027, 9:30 AM”: day and time."""
    return f"{day(local(instant, zone))}, {clock(instant, zone)}"


def clock(instant: datetime, zone: str) -> str:
    here = local(instant, zone)
    return _clock(here.hour, here.minute, active_locale())


def period(start: datetime, end: datetime, zone: str) -> str:
    """Both ends by the zone's clock, the day once where it is one."""
    first, last = local(start, zone), local(end, zone)
    last_day = max(first.date(), (last - timedelta(microseconds=1)).date())
    days = format_interval(first.date(), last_day, "yMMMEd", locale=active_locale())
    return f"{days}, {clock(start, zone)} – {clock(end, zone)}"


def zone_name(zone: str, at: datetime) -> str:
    """“Japan Standard Time” in the reader's language, as it is called at that instant."""
    return str(get_timezone_name(local(at, zone), locale=active_locale()))
