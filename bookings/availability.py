"""Whether an expert could be had then at all, other bookings apart.

What the calendar knows (the plan, days off, notice, cut-off) it says itself; here is what only bookings know.
"""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bookings.models import Booking
from experts import calendar
from experts.models import Expert, Service

# Why this time is closed, as a sentence, or None: (expert, service, start, end). Apps that know more append theirs.
Check = Callable[[Expert, Service | None, datetime, datetime], str | None]


def closed(expert: Expert, service: Service | None, start: datetime, end: datetime) -> str | None:
    """The first reason against it that any check has."""
    for check in checks:
        if reason := check(expert, service, start, end):
            return reason
    return None


def day_is_full(expert: Expert, service: Service | None, start: datetime, end: datetime) -> str | None:
    """By starts: another seat in a departure is no further one."""
    if service is None or service.daily_cap is None:
        return None
    day = start.astimezone(ZoneInfo(expert.time_zone)).date()
    that_day = Booking.objects.occupying().filter(service=service, start=day)
    starts = {period.lower for period in that_day.values_list("period", flat=True)}
    if len(starts) < service.daily_cap or (service.shared and start in starts):
        return None
    return _("No more of these are given on that day.")


checks: list[Check] = [calendar.check, day_is_full]
