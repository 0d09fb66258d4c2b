"""Whether an expert could be had then at all, other bookings apart."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import Booking
from bookings.periods import Slot
from experts.models import Expert, Service, UnavailablePeriod

# Why this time is closed, as a sentence, or None: (expert, service, start, end). Apps that know more append theirs.
Check = Callable[[Expert, Service | None, datetime, datetime], str | None]


def closed(expert: Expert, service: Service | None, start: datetime, end: datetime) -> str | None:
    """The first reason against it that any check has."""
    for check in checks:
        if reason := check(expert, service, start, end):
            return reason
    return None


def past(expert: Expert, service: Service | None, start: datetime, end: datetime) -> str | None:
    return _("This time has already begun. Choose a later one.") if start <= timezone.now() else None


def too_soon(expert: Expert, service: Service | None, start: datetime, end: datetime) -> str | None:
    if service is None or start >= timezone.now() + timedelta(hours=service.notice_hours):
        return None
    return ngettext(
        "This must be booked at least %(hours)s hour ahead.",
        "This must be booked at least %(hours)s hours ahead.",
        service.notice_hours,
    ) % {"hours": service.notice_hours}


def cut_off(expert: Expert, service: Service | None, start: datetime, end: datetime) -> str | None:
    """By the expert's clock: from the cut-off on, the day after is closed, and so is today."""
    if service is None or service.cutoff is None:
        return None
    zone = ZoneInfo(expert.time_zone)
    now = timezone.now().astimezone(zone)
    first = now.date() + timedelta(days=2 if now.time() >= service.cutoff else 1)
    if start.astimezone(zone).date() >= first:
        return None
    return _("This must be booked by %(time)s of the day before, %(zone)s time.") % {
        "time": f"{service.cutoff:%H:%M}",
        "zone": expert.time_zone,
    }


def day_off(expert: Expert, service: Service | None, start: datetime, end: datetime) -> str | None:
    first, last = Slot(start, end, expert.time_zone).days
    days = DateRange(first, last + timedelta(days=1))
    if not UnavailablePeriod.objects.filter(expert=expert, days__overlap=days).exists():
        return None
    return _("%(name)s takes nobody on these days.") % {"name": expert.name}


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


checks: list[Check] = [past, too_soon, cut_off, day_off, day_is_full]
