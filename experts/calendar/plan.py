"""What calendars of experts say between two days, read in one statement, and the free time that follows from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import connection

from experts.calendar.clock import days_between, instant, whole_day, zone_of
from experts.calendar.periods import Period, clip, subtract, union

if TYPE_CHECKING:
    from experts.models import Expert

# A period after midnight belongs to the plan of the day before.
DAY_BEFORE = timedelta(days=1)

_PLANS = """
    SELECT
        (SELECT json_agg(json_build_array(weekday, opens, closes) ORDER BY weekday, opens)
            FROM experts_weeklyhours WHERE expert_id = asked.expert),
        (SELECT json_agg(json_build_array(kind, lower(days), upper(days), opens, closes, note) ORDER BY days, id)
            FROM experts_calendarexception
            WHERE expert_id = asked.expert AND days && daterange(asked.first, asked."end")),
        (SELECT json_agg(json_build_array(lower(days), upper(days), reason) ORDER BY days)
            FROM experts_unavailableperiod
            WHERE expert_id = asked.expert AND days && daterange(asked.first, asked."end")),
        (SELECT json_agg(json_build_array(
                extract(epoch FROM e.start), extract(epoch FROM e."end"), e.title, s.name) ORDER BY e.start, e.id)
            FROM experts_calendarsource s JOIN experts_importedevent e ON e.source_id = s.id
            WHERE s.expert_id = asked.expert AND e.start < asked.until AND e."end" > asked.since)
    FROM (VALUES {rows}) asked (number, expert, first, "end", since, until) ORDER BY asked.number
"""
_ROW = "(%s, %s::bigint, %s::date, %s::date, %s::timestamptz, %s::timestamptz)"


@dataclass(frozen=True)
class Hours:
    """An exception; without `opens` on the whole of each day. `end` is excluded."""

    free: bool
    first: date
    end: date
    opens: int | None
    closes: int | None
    note: str


@dataclass(frozen=True)
class Away:
    first: date
    end: date  # excluded
    reason: str


@dataclass(frozen=True)
class Busy:
    """From an imported calendar, whose name is `source`. The title is for the expert alone."""

    start: datetime
    end: datetime
    title: str
    source: str


@dataclass(frozen=True)
class Plan:
    """All of an expert's calendar but their bookings, for the days from `first` to before `end` on their clock."""

    zone: ZoneInfo
    first: date
    end: date
    weekly: dict[int, list[tuple[int, int]]]  # by weekday; empty: free at all hours
    exceptions: list[Hours]
    away: list[Away]
    busy: list[Busy]

    @property
    def bounds(self) -> Period:
        return instant(self.first, 0, self.zone), instant(self.end, 0, self.zone)

    @cached_property
    def free(self) -> list[Period]:
        """Joined, within the days, without imported and booked times."""
        return subtract(clip(self.hours, *self.bounds), [*self.blocked_hours, *self.away_periods])

    @cached_property
    def hours(self) -> list[Period]:
        """The weekly plan and what exceptions add to it."""
        added = (period for one in self.exceptions if one.free for period in self._of_exception(one))
        return union([*self._weekly(), *added])

    @cached_property
    def blocked_hours(self) -> list[Period]:
        return union(period for one in self.exceptions if not one.free for period in self._of_exception(one))

    @cached_property
    def away_periods(self) -> list[Period]:
        return [self.days_of(one.first, one.end) for one in self.away]

    def days_of(self, first: date, end: date) -> Period:
        return instant(first, 0, self.zone), instant(end, 0, self.zone)

    def _weekly(self) -> Iterator[Period]:
        if not self.weekly:
            yield self.bounds
            return
        for day in days_between(self.first - DAY_BEFORE, self.end):
            for opens, closes in self.weekly.get(day.weekday(), ()):
                yield instant(day, opens, self.zone), instant(day, closes, self.zone)

    def _of_exception(self, one: Hours) -> Iterator[Period]:
        for day in days_between(max(one.first, self.first - DAY_BEFORE), min(one.end, self.end)):
            if one.opens is None or one.closes is None:
                yield whole_day(day, self.zone)
            else:
                yield instant(day, one.opens, self.zone), instant(day, one.closes, self.zone)


def load(expert: "Expert", first: date, end: date) -> Plan:
    """One query, given that the expert's market is there."""
    return load_all([(expert, first, end)])[0]


def load_all(asked: Sequence[tuple["Expert", date, date]]) -> list[Plan]:
    """Of each expert for their own days. One query, given that the experts' markets are there."""
    if not asked:
        return []
    zones = [zone_of(expert.time_zone) for expert, _first, _end in asked]
    values: list[Any] = []
    for number, ((expert, first, end), zone) in enumerate(zip(asked, zones, strict=True)):
        values += [number, expert.pk, first - DAY_BEFORE, end, instant(first, 0, zone), instant(end, 0, zone)]
    with connection.cursor() as cursor:
        cursor.execute(_PLANS.format(rows=", ".join([_ROW] * len(asked))), values)
        return [
            _plan(zone, first, end, *row)
            for (_expert, first, end), zone, row in zip(asked, zones, cursor.fetchall(), strict=True)
        ]


def _plan(zone: ZoneInfo, first: date, end: date, weekly: Any, exceptions: Any, away: Any, busy: Any) -> Plan:
    """From what the statement found, each a list or None."""
    return Plan(
        zone=zone,
        first=first,
        end=end,
        weekly=_by_weekday(weekly or []),
        exceptions=[_exception(*one) for one in exceptions or []],
        away=[Away(_day(lower), _day(upper), reason) for lower, upper, reason in away or []],
        busy=[Busy(_moment(start), _moment(over), title, name) for start, over, title, name in busy or []],
    )


def _by_weekday(rows: list[Any]) -> dict[int, list[tuple[int, int]]]:
    weekly: dict[int, list[tuple[int, int]]] = {}
    for weekday, opens, closes in rows:
        weekly.setdefault(weekday, []).append((opens, closes))
    return weekly


def _exception(kind: str, lower: str, upper: str, opens: int | None, closes: int | None, note: str) -> Hours:
    return Hours(kind == "free", _day(lower), _day(upper), opens, closes, note)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
