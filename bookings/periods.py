"""From the days and hours that people plan to the instants that are booked, and back. All periods are half-open."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from psycopg.types.range import TimestamptzRange

from accounts.errors import DomainError
from experts.models import Service

LONGEST = timedelta(days=366)
Period = Any  # a TimestamptzRange, whose type allows for open ends: those of bookings have none


@dataclass(frozen=True)
class Slot:
    """A period, in UTC, and the zone it was planned in."""

    start: datetime
    end: datetime
    time_zone: str

    @property
    def period(self) -> Period:
        return TimestamptzRange(self.start, self.end)

    @property
    def days(self) -> tuple[date, date]:
        """First and last day in the zone of the plan."""
        zone = ZoneInfo(self.time_zone)
        last = self.end - timedelta(microseconds=1)
        return self.start.astimezone(zone).date(), last.astimezone(zone).date()

    @property
    def is_whole_days(self) -> bool:
        first, last = self.days
        whole = start_of_day(first, self.time_zone), start_of_day(last + timedelta(days=1), self.time_zone)
        return (self.start, self.end) == whole

    def with_buffer(self, minutes: int) -> Period:
        around = timedelta(minutes=minutes)
        return TimestamptzRange(self.start - around, self.end + around)


def slot(start: datetime, end: datetime, time_zone: str) -> Slot:
    """DomainError: no period that can be booked."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end <= start:
        raise DomainError(_("The end must come after the start."))
    if end - start > LONGEST:
        raise DomainError(_("A booking can last a year at most."))
    return Slot(start, end, time_zone)


def instant(day: date, at: time, time_zone: str) -> datetime:
    """When the clocks there show this. What they show twice is the first time.

    DomainError: they skip it, as they go forward.
    """
    local = datetime.combine(day, at, ZoneInfo(time_zone))
    found = local.astimezone(UTC)
    if found.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise DomainError(
            _("The clocks in %(zone)s skip %(time)s on that day. Choose another time.")
            % {"zone": time_zone, "time": f"{at:%H:%M}"}
        )
    return found


def start_of_day(day: date, time_zone: str) -> datetime:
    """The day's first instant there: midnight, or the moment to which the clocks jump over it."""
    return datetime.combine(day, time.min, ZoneInfo(time_zone)).astimezone(UTC)


def whole_days(first: date, last: date, time_zone: str) -> Slot:
    """From midnight to midnight, however long those days are. DomainError: days that place never had."""
    start = start_of_day(first, time_zone)
    return slot(start, start_of_day(last + timedelta(days=1), time_zone), time_zone)


def for_hours(start: datetime, hours: Decimal, time_zone: str) -> Slot:
    """Hours as they pass, whatever the clocks do meanwhile."""
    return slot(start, start + timedelta(minutes=int(hours * 60)), time_zone)


def of_service(service: Service, day: date, at: time | None, time_zone: str) -> Slot:
    """What this service takes if it begins then; `at` is nothing to whole days."""
    if service.duration_days:
        return whole_days(day, day + timedelta(days=service.duration_days - 1), time_zone)
    assert service.duration_hours  # service_positive
    if at is None:
        raise DomainError(_("Say at what time it begins."))
    return for_hours(instant(day, at, time_zone), service.duration_hours, time_zone)


def moved(planned: Slot, day: date, at: time | None) -> Slot:
    """As long as before, from another start: as many days, or as many hours."""
    if planned.is_whole_days:
        first, last = planned.days
        return whole_days(day, day + (last - first), planned.time_zone)
    if at is None:
        raise DomainError(_("Say at what time it begins."))
    start = instant(day, at, planned.time_zone)
    return slot(start, start + (planned.end - planned.start), planned.time_zone)


def later(planned: Slot, days: int) -> Slot | None:
    """So many days on, at the same time by the clock; None where the clocks skip it."""
    zone = ZoneInfo(planned.time_zone)
    local = planned.start.astimezone(zone) + timedelta(days=days)
    try:
        return moved(planned, local.date(), local.time())
    except DomainError:
        return None
