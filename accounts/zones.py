"""The names of time zones that people may choose from. Older ones are accepted too, see models.validate_time_zone."""

import zoneinfo
from functools import cache

PLACES = tuple(
    f"{part}/"
    for part in "Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific".split()
)


@cache
def names() -> tuple[str, ...]:
    return ("UTC", *sorted(name for name in zoneinfo.available_timezones() if name.startswith(PLACES)))
