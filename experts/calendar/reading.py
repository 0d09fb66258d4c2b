"""Busy times out of an iCalendar file that somebody else's program wrote."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events  # type: ignore[import-untyped]
from icalendar import Calendar, Component

from experts.calendar.clock import instant
from experts.calendar.troubles import Trouble, Unreadable

MOST_EVENTS = 10_000
# Looked at after each event: one that never comes true takes some ten seconds.
SECONDS = 20.0
# No calendar program offers more often, and a rule by the second would take for ever.
FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
MOST_TIMES_A_DAY = 24
LONGEST_TITLE = 140
# What the libraries raise over text that is no calendar, or a calendar that makes no sense.
NONSENSE = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)


@dataclass(frozen=True)
class BusyTime:
    start: datetime
    end: datetime
    title: str


@dataclass(frozen=True)
class Found:
    busy: list[BusyTime]  # each once, in order
    left_out: int  # events that could not be understood


def read(text: str, *, zone: ZoneInfo, start: datetime, end: datetime, skip: str = "") -> Found:
    """What of the calendar is busy between the two instants. Raises Unreadable.

    Days, and times without a zone, are those of `zone`. Events whose id ends with `skip` are our own.
    """
    reader = _Reader(zone, start, end, skip)
    for calendar in _calendars(text):
        reader.take(calendar)
    return Found(sorted(reader.busy, key=lambda one: (one.start, one.end, one.title)), reader.left_out)


def _calendars(text: str) -> list[Component]:
    if "BEGIN:VCALENDAR" not in text.upper():
        raise Unreadable(Trouble.NO_CALENDAR)
    try:
        found = Calendar.from_ical(text, multiple=True)
    except NONSENSE as error:
        raise Unreadable(Trouble.NO_CALENDAR) from error
    calendars = [one for one in found if one.name == "VCALENDAR"]
    if not calendars:
        raise Unreadable(Trouble.NO_CALENDAR)
    if sum(len(one.subcomponents) for one in calendars) > MOST_EVENTS:
        raise Unreadable(Trouble.TOO_MANY)
    return calendars


class _Reader:
    def __init__(self, zone: ZoneInfo, start: datetime, end: datetime, skip: str) -> None:
        self.zone, self.start, self.end, self.skip = zone, start, end, skip
        self.busy: set[BusyTime] = set()
        self.left_out = 0
        self.ends = time.monotonic() + SECONDS

    def take(self, calendar: Component) -> None:
        others = [one for one in calendar.subcomponents if one.name != "VEVENT"]
        wanted = [one for one in calendar.walk("VEVENT") if self._is_wanted(one)]
        calendar.subcomponents = [*others, *wanted]
        try:
            # What of it is nonsense is skipped here, and counted.
            query = recurring_ical_events.of(calendar, skip_bad_series=True)
        except NONSENSE as error:
            raise Unreadable(Trouble.NO_CALENDAR) from error
        self.left_out += max(len({str(one.get("UID", "")) for one in wanted}) - len(query.series), 0)
        for series in query.series:
            self._take_series(series)

    def _is_wanted(self, event: Component) -> bool:
        if self.skip and str(event.get("UID", "")).endswith(self.skip):
            return False
        rules = _listed(event.get("RRULE"))
        if "DTSTART" in event and len(rules) <= 1 and all(map(_is_sane, rules)):
            return True
        self.left_out += 1
        return False

    def _take_series(self, series: Any) -> None:
        if time.monotonic() > self.ends:
            raise Unreadable(Trouble.TOO_MANY)
        try:
            for occurrence in series.between(self.start, self.end):
                self._take(occurrence.as_component(False))
        except NONSENSE:
            self.left_out += 1

    def _take(self, event: Component) -> None:
        if not _is_busy(event):
            return
        for start, end in self._period(event):
            self.busy.add(BusyTime(start, end, _title(event)))
        if len(self.busy) > MOST_EVENTS:
            raise Unreadable(Trouble.TOO_MANY)

    def _period(self, event: Component) -> Iterator[tuple[datetime, datetime]]:
        first, last = event["DTSTART"].dt, event["DTEND"].dt
        if not isinstance(first, datetime) and last <= first:
            last = first + timedelta(days=1)  # a day without an end is that day
        start, end = self._instant(first), self._instant(last)
        if start < end and start < self.end and end > self.start:
            yield start, end

    def _instant(self, value: date) -> datetime:
        if not isinstance(value, datetime):
            return instant(value, 0, self.zone)
        if value.tzinfo is None:
            # Floating: whatever the clock shows where the expert is.
            begins = instant(value.date(), value.hour * 60 + value.minute, self.zone)
            return begins + timedelta(seconds=value.second)
        return value.astimezone(UTC).replace(microsecond=0)


def _is_sane(rule: Any) -> bool:
    frequency = str((rule.get("FREQ") or [""])[0]).upper()
    times = 1
    for part in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        times *= max(len(_listed(rule.get(part))), 1)
    return frequency in FREQUENCIES and times <= MOST_TIMES_A_DAY


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _is_busy(event: Component) -> bool:
    free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    free = free or str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE"
    return not free and str(event.get("STATUS", "")).upper() != "CANCELLED"


def _title(event: Component) -> str:
    words = str(event.get("SUMMARY", "")).replace("\0", "")
    return " ".join(words.split())[:LONGEST_TITLE]
