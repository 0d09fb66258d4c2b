"""What a notice was told with, as its reader says it: in the active language and the current time zone."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import zone_of
from markets import formats, moments

LARGEST = Decimal(10) ** 12
Details = list[tuple[str, str]]


class Facts(dict[str, Any]):
    """A fact that is not there, or that cannot be read as what it should be, is "": an old notice stays readable."""

    def __missing__(self, name: str) -> str:
        return ""

    def amount(self, name: str) -> Decimal | None:
        try:
            value = Decimal(str(self[name]))
        except InvalidOperation:
            return None
        return value if value.is_finite() and abs(value) < LARGEST else None

    def money(self, amount: str, currency: str = "currency") -> str:
        value = self.amount(amount)
        return "" if value is None else formats.money(value, str(self[currency]) or "USD")

    def day(self, name: str) -> str:
        value = _read(date.fromisoformat, str(self[name])[:10])
        return formats.day(value) if value else ""

    def month(self, name: str) -> str:
        value = _read(date.fromisoformat, str(self[name])[:10])
        return formats.month(value) if value else ""

    def moment(self, name: str) -> str:
        """In the reader's zone, which is named."""
        value = self.instant(name)
        return _moment(value, timezone.get_current_timezone()) if value else ""

    def when(self, start: str = "start", end: str = "end", zone: str = "zone") -> Details:
        """Of a planned thing: as it is called where it happens and, where clocks differ, where the reader is."""
        first, last = self.instant(start), self.instant(end)
        if not (first and last):
            return self._days(start, end, zone)
        place, reader = zone_of(str(self[zone])), timezone.get_current_timezone()
        told = [(_("When"), _period(first, last, place))]
        if first.astimezone(place).utcoffset() != first.astimezone(reader).utcoffset():
            told.append((_("On your clock"), _period(first, last, reader)))
        return told

    def _days(self, start: str, end: str, zone: str) -> Details:
        """Days of what was agreed are those of a place; those of a brief are nobody's yet."""
        first, last = (_read(date.fromisoformat, str(self[name])) for name in (start, end))
        place = f" ({moments.zone_name(zone_of(str(self[zone])))})" if self[zone] else ""
        return [(_("When"), formats.dated_range(first, last or first) + place)] if first else []

    def instant(self, name: str) -> datetime | None:
        """None for a day without a time, and for times near the ends of the calendar."""
        value = str(self[name])
        found = _read(datetime.fromisoformat, value) if "T" in value else None
        return found if found and found.tzinfo and 1 < found.year < 9999 else None


def _read(read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except ValueError:
        return None


def _moment(value: datetime, zone: Any) -> str:
    return f"{moments.moment(value, zone, formats.dated)} ({moments.zone_name(zone)})"


def _period(first: datetime, last: datetime, zone: Any) -> str:
    return f"{moments.span(first, last, zone, formats.dated)} ({moments.zone_name(zone)})"
