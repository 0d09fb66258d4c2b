"""On whose clock a page is read."""

from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest

from experts.calendar.clock import zone_of
from experts.models import Expert

# What every account begins with says nothing about its owner.
UNSAID = "UTC"
LONGEST = 64


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    """Every zone by its name in lower case, and by its city: “berlin” is Europe/Berlin."""
    names = sorted(available_timezones())
    cities = {name.rpartition("/")[2].lower().replace("_", " "): name for name in names if "/" in name}
    return cities | {name.lower(): name for name in names}


def zone_named(text: str) -> ZoneInfo | None:
    """By name, old or new, or by city."""
    name = _by_name().get(text[:LONGEST].strip().lower())
    return zone_of(name) if name else None


def zone_for(request: HttpRequest, expert: Expert) -> ZoneInfo:
    """What the address says, what the account says, or the expert's own."""
    if asked := zone_named(request.GET.get("zone", "")):
        return asked
    if request.user.is_authenticated and request.user.time_zone != UNSAID:
        return zone_of(request.user.time_zone)
    return zone_of(expert.time_zone)
