"""Instants as people read them: by the clock of a named zone, in the reader's language."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_time, get_timezone_location
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from markets import formats
from markets.formats import active_locale

Zone = str | tzinfo
Day = Callable[[date], str]


def local(instant: datetime, zone: Zone) -> datetime:
    return instant.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)


def instant(wall: datetime, zone: str) -> datetime | None:
    """What a clock in the zone means, in UTC; None for an hour that is left out there.

    An hour that comes twice is taken for the first one.
    """
    found = wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    return found if local(found, zone).replace(tzinfo=None) == wall else None


# Babel takes some 50 µs, and the same times stand on many pages.
@lru_cache(maxsize=4096)
def _clock(hour: int, minute: int, locale: Locale) -> str:
    return format_time(time(hour, minute), "short", locale=locale)


def clock(value: datetime | time) -> str:
    """“2:30 PM” or “14:30”."""
    return _clock(value.hour, value.minute, active_locale())


def moment(instant: datetime, zone: Zone, day: Day = formats.day) -> str:
    """“Apr 3, 2027, 9:30 AM”: day and time. `day` says how the day is written."""
    here = local(instant, zone)
    return f"{day(here.date())}, {clock(here)}"


def span(start: datetime, end: datetime, zone: Zone, day: Day = formats.day) -> str:
    """From an instant to another, the day named once where it is the same."""
    first, last = local(start, zone), local(end, zone)
    until = clock(last) if first.date() == last.date() else moment(end, zone, day)
    return f"{moment(start, zone, day)} – {until}"


def period(start: datetime, end: datetime, zone: Zone) -> str:
    """From an instant to another; whole days as days, so that nobody reads of midnights."""
    first, last = local(start, zone), local(end, zone)
    if first.time() == last.time() == time(0) and first < last:
        return formats.day_range(first.date(), last.date() - timedelta(days=1))
    return span(start, end, zone)


def zone_name(zone: Zone) -> str:
    """“Tokyo time”, in the reader's language: offsets and abbreviations tell fewer people where a clock hangs."""
    name = zone if isinstance(zone, str) else getattr(zone, "key", "UTC")
    return _zone_name(name, active_locale(), get_language())


@lru_cache(maxsize=4096)
def _zone_name(name: str, locale: Locale, language: str | None) -> str:
    city = "UTC" if name == "UTC" else get_timezone_location(name, locale=locale, return_city=True)
    return "UTC" if city == "UTC" else _("%(city)s time") % {"city": city}
