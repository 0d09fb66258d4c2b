"""The names of time zones that people may choose from. Older ones are accepted too, see models.validate_time_zone."""

import zoneinfo
from functools import cache

PLACES = ("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/")
PLACES += ("Europe/", "Indian/", "Pacific/")


@cache
def names() -> tuple[str, ...]:
    return ("UTC", *sorted(name for name in zoneinfo.available_timezones() if name.startswith(PLACES)))
