"""Whether an expert could be had then at all, other bookings apart.

What the calendar knows (the plan, days off, notice, cut-off) it says itself; here is what only bookings know.
"""

from collections import defaultdict
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bookings.models import Booking
from experts import calendar
from experts.models import Expert, Service

Starts = dict[date, set[datetime]]


class Season:
    """Of all that begins between two instants, read once: two queries, however many periods are asked about."""

    def __init__(self, expert: Expert, service: Service | None, start: datetime, end: datetime) -> None:
        self.expert, self.service = expert, service
        self._calendar = calendar.read_around(expert, start, end, service=service, booked=False)
        self._starts = _starts(expert, service, start, end)

    def closed(self, start: datetime, end: datetime) -> str | None:
        """The first reason against it, as a sentence."""
        reason = calendar.judged(self._calendar, start, end, service=self.service)
        return calendar.said(self.expert, reason) or self._full(start)

    def starts(self, day: date) -> list[tuple[datetime, datetime]]:
        """Of the service, by the calendar alone; each with its end."""
        return calendar.slots_in(self._calendar, self.service, day) if self.service else []

    def _full(self, start: datetime) -> str | None:
        day = _day(self.expert, start)
        return full(self.service, start, self._starts.get(day, set()))


def closed(expert: Expert, service: Service | None, start: datetime, end: datetime) -> str | None:
    return Season(expert, service, start, end).closed(start, end)


def day_is_full(expert: Expert, service: Service | None, start: datetime) -> str | None:
    return full(service, start, _starts(expert, service, start, start).get(_day(expert, start), set()))


def full(service: Service | None, start: datetime, starts: set[datetime]) -> str | None:
    if service is None or not calendar.cap_closes(service, start, starts):
        return None
    return _("No more of these are given on that day.")


def _starts(expert: Expert, service: Service | None, start: datetime, end: datetime) -> Starts:
    """By day of the expert's clock; of a service without a cap nobody needs them."""
    found: Starts = defaultdict(set)
    if service is not None and service.daily_cap is not None:
        days = Booking.objects.occupying().filter(
            service=service, start__range=(_day(expert, start), _day(expert, end))
        )
        for day, period in days.values_list("start", "period"):
            found[day].add(period.lower)
    return found


def _day(expert: Expert, at: datetime) -> date:
    return at.astimezone(ZoneInfo(expert.time_zone)).date()
