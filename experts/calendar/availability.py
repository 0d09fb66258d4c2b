"""What of an expert's time is open, and why the rest is not.

`closed_because` goes through the rules one by one and can say which of them closes a period; `slots` and `next_free`
subtract periods, which is much faster. The tests hold the two together.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone

from experts.calendar import plan as plans
from experts.calendar.clock import day_of, days_between, instant, whole_day, zone_of
from experts.calendar.periods import Period, clip, holds, subtract, union
from experts.calendar.plan import Plan
from experts.calendar.reasons import Kind, Reason

if TYPE_CHECKING:
    from experts.models import Expert, Service


@dataclass(frozen=True)
class Departure:
    """A start of a shared service that somebody has booked: others can join it while there are seats."""

    service_id: int | None
    start: datetime
    end: datetime
    seats_left: int

    def is_of(self, service: "Service | None") -> bool:
        return service is not None and service.shared and service.pk == self.service_id


class Taken(NamedTuple):
    """A period that is taken, buffers included. The label is for the expert alone. `begins`: the service itself does,
    after its buffer.
    """

    expert_id: int
    start: datetime
    end: datetime
    label: str = ""
    departure: Departure | None = None
    service_id: int | None = None
    begins: datetime | None = None


# Higher floors append: `(expert_ids, start, end)` gives what is taken between.
occupied: list[Callable[[list[int], datetime, datetime], Iterable[Taken]]] = []


class Appointment(NamedTuple):
    """Something booked, as its expert reads it. `when` and `state` are words."""

    when: str
    title: str
    who: str
    state: str
    url: str


# Higher floors append: `(expert_id, start, end)` gives what the expert alone sees of the time between.
appointments: list[Callable[[int, datetime, datetime], Iterable[Appointment]]] = []

STEP = timedelta(minutes=30)
DAY = timedelta(days=1)
# A period as long as the shortest day, without a service, is one of days: it needs no hours at night.
SHORTEST_DAY = timedelta(hours=23)
SEARCHED_AT_ONCE = timedelta(days=28)
HORIZON = timedelta(days=400)


@dataclass(frozen=True)
class Calendar:
    """All that decides, read once: `booked` is what the providers of `occupied` gave."""

    expert: "Expert"
    plan: Plan
    booked: list[Taken]

    @property
    def zone(self) -> ZoneInfo:
        return self.plan.zone

    @cached_property
    def commitments(self) -> list[Period]:
        return union(
            [(one.start, one.end) for one in self.plan.busy] + [(one.start, one.end) for one in self.booked]
        )

    @cached_property
    def open(self) -> list[Period]:
        return subtract(self.plan.free, self.commitments)

    @cached_property
    def departures(self) -> list[Departure]:
        return sorted((one.departure for one in self.booked if one.departure), key=lambda found: found.start)

    @cached_property
    def _begun(self) -> dict[tuple[int | None, date], set[datetime]]:
        found: dict[tuple[int | None, date], set[datetime]] = defaultdict(set)
        for one in self.booked:
            if one.begins:
                found[one.service_id, day_of(one.begins, self.zone)].add(one.begins)
        return found

    def is_capped(self, service: "Service | None", start: datetime) -> bool:
        """As many as the expert gives on that day are booked."""
        if service is None or service.daily_cap is None:
            return False
        return cap_closes(service, start, self._begun.get((service.pk, day_of(start, self.zone)), set()))

    def open_with(self, buffer: timedelta) -> list[Period]:
        """Free, and at least the buffer apart from every commitment."""
        if not buffer:
            return self.open
        return subtract(self.plan.free, [(start - buffer, end + buffer) for start, end in self.commitments])


def read(expert: "Expert", first: date, end: date, *, booked: bool = True) -> Calendar:
    """For the days from `first` to before `end` on the expert's clock. One query, and those of `occupied`."""
    plan = plans.load(expert, first, end)
    taken = _taken([expert.pk], *plan.bounds)[expert.pk] if booked else []
    return Calendar(expert, plan, taken)


def read_around(
    expert: "Expert",
    start: datetime,
    end: datetime,
    *,
    service: "Service | None" = None,
    booked: bool = True,
) -> Calendar:
    """For all days that the period and the service's buffers around it touch."""
    margin = buffer_of(service)
    return read(expert, *_days_around(expert, start - margin, end + margin), booked=booked)


def read_all_around(experts: Sequence["Expert"], start: datetime, end: datetime) -> list[Calendar]:
    """The same of several experts, on the clock of each. As many queries as for one."""
    if not experts:
        return []
    loaded = plans.load_all([(expert, *_days_around(expert, start, end)) for expert in experts])
    since, until = min(plan.bounds[0] for plan in loaded), max(plan.bounds[1] for plan in loaded)
    taken = _taken([expert.pk for expert in experts], since, until)
    return [Calendar(expert, plan, taken[expert.pk]) for expert, plan in zip(experts, loaded, strict=True)]


def _days_around(expert: "Expert", start: datetime, end: datetime) -> tuple[date, date]:
    """The first, and the one after the last."""
    zone = zone_of(expert.time_zone)
    return day_of(start, zone), day_of(end, zone) + DAY


def _taken(experts: list[int], start: datetime, end: datetime) -> dict[int, list[Taken]]:
    found: dict[int, list[Taken]] = {expert: [] for expert in experts}
    for provider in occupied:
        for row in provider(experts, start, end):
            if row.expert_id in found:
                found[row.expert_id].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: row[1:4])
    return found


def free_periods(expert: "Expert", first: date, end: date) -> list[Period]:
    """By weekly plan, exceptions and blocked days alone, from the first instant of `first` to that of `end`."""
    return plans.load(expert, first, end).free


def open_periods(expert: "Expert", first: date, end: date) -> list[Period]:
    """Free, and neither booked nor busy in an imported calendar."""
    return read(expert, first, end).open


@dataclass(frozen=True)
class Ask:
    """A period that somebody would like to have."""

    calendar: Calendar
    start: datetime
    end: datetime
    service: "Service | None"
    now: datetime
    piece: bool = False  # of a day: however long, it is no question of days

    @property
    def zone(self) -> ZoneInfo:
        return self.calendar.zone

    @property
    def buffer(self) -> timedelta:
        return buffer_of(self.service)

    def joins(self, taken: Taken) -> bool:
        """It is a seat in that departure."""
        found = taken.departure
        return (
            found is not None
            and found.is_of(self.service)
            and found.start == self.start
            and found.seats_left > 0
        )

    @property
    def by_days(self) -> bool:
        return not self.piece and is_by_days(self.service, self.end - self.start)


def buffer_of(service: "Service | None") -> timedelta:
    return timedelta(minutes=service.buffer_minutes if service else 0)


def is_by_days(service: "Service | None", length: timedelta) -> bool:
    return service.duration_days is not None if service else length >= SHORTEST_DAY


def cap_closes(service: "Service", start: datetime, begun: set[datetime]) -> bool:
    """By starts: another seat in a departure is no further one."""
    if service.daily_cap is None or len(begun) < service.daily_cap:
        return False
    return not (service.shared and start in begun)


def closed_because(
    expert: "Expert",
    start: datetime,
    end: datetime,
    *,
    service: "Service | None" = None,
    booked: bool = True,
    now: datetime | None = None,
) -> Reason | None:
    """The first rule that closes the period, or None: it is open. `booked=False` leaves bookings to who asks."""
    calendar = read_around(expert, start, end, service=service, booked=booked)
    return judged(calendar, start, end, service=service, now=now)


def judged(
    calendar: Calendar,
    start: datetime,
    end: datetime,
    *,
    service: "Service | None" = None,
    now: datetime | None = None,
) -> Reason | None:
    """The same of a calendar that reaches far enough."""
    return judge(Ask(calendar, start, end, service, now or timezone.now()))


def judge(ask: Ask) -> Reason | None:
    for rule in RULES:
        if reason := rule(ask):
            return reason
    return None


def _paused(ask: Ask) -> Reason | None:
    return None if ask.calendar.expert.is_open_to_inquiries else Reason(Kind.PAUSED, ask.start, ask.end)


def _past(ask: Ask) -> Reason | None:
    return _begun(ask.start, ask.end, ask.now)


def _begun(start: datetime, end: datetime, now: datetime) -> Reason | None:
    return Reason(Kind.PAST, start, end) if start < now else None


def _too_soon(ask: Ask) -> Reason | None:
    kind, earliest = earliest_start(ask.service, ask.now, ask.zone)
    if ask.start >= earliest:
        return None
    return Reason(kind, earliest, earliest, minutes=60 * ask.service.notice_hours if ask.service else 0)


def _away(ask: Ask) -> Reason | None:
    plan = ask.calendar.plan
    for one, (start, end) in zip(plan.away, plan.away_periods, strict=True):
        if start < ask.end and end > ask.start:
            return Reason(Kind.AWAY, start, end, detail=one.reason)
    return None


def _blocked(ask: Ask) -> Reason | None:
    if ask.by_days:  # some hours less are still a day
        return None
    for start, end in ask.calendar.plan.blocked_hours:
        if start < ask.end and end > ask.start:
            return Reason(Kind.BLOCKED, start, end, detail=_note(ask.calendar.plan, start, end))
    return None


def _note(plan: Plan, start: datetime, end: datetime) -> str:
    first, last = day_of(start, plan.zone), day_of(end, plan.zone)
    notes = (one.note for one in plan.exceptions if not one.free and one.first <= last and one.end > first)
    return next(filter(None, notes), "")


def _day_off(ask: Ask) -> Reason | None:
    if not ask.by_days:
        return None
    for start, end in _days(ask.start, ask.end, ask.zone):
        if start < end and not clip(ask.calendar.plan.free, max(start, ask.start), min(end, ask.end)):
            return Reason(Kind.DAY_OFF, start, end)
    return None


def _outside_hours(ask: Ask) -> Reason | None:
    if ask.by_days:
        return None
    outside = subtract([(ask.start, ask.end)], ask.calendar.plan.hours)
    return Reason(Kind.HOURS, *outside[0]) if outside else None


def _busy(ask: Ask) -> Reason | None:
    for one in ask.calendar.plan.busy:
        if _meets(ask, one.start, one.end, timedelta(0)) and _matters(ask, one.start, one.end):
            return Reason(Kind.BUSY, one.start, one.end, detail=one.title, source=one.source)
    return None


def _booked(ask: Ask) -> Reason | None:
    for one in ask.calendar.booked:
        if _meets(ask, one.start, one.end, timedelta(0)) and not ask.joins(one):
            return _because_of(one)
    return None


def _because_of(taken: Taken) -> Reason:
    """Of a departure all may know how full it is, and from when to when it goes."""
    found = taken.departure
    if found is None:
        return Reason(Kind.BOOKED, taken.start, taken.end, detail=taken.label)
    kind = Kind.DEPARTURE if found.seats_left else Kind.FULL
    return Reason(kind, found.start, found.end, detail=taken.label, seats=found.seats_left)


def _buffered(ask: Ask) -> Reason | None:
    minutes = ask.buffer // timedelta(minutes=1)
    for one in ask.calendar.plan.busy:
        if _meets(ask, one.start, one.end, ask.buffer) and _matters(ask, one.start, one.end):
            return Reason(Kind.BUFFER, one.start, one.end, one.title, one.source, minutes)
    for booked in ask.calendar.booked:
        if _meets(ask, booked.start, booked.end, ask.buffer) and not ask.joins(booked):
            return Reason(Kind.BUFFER, booked.start, booked.end, booked.label, minutes=minutes)
    return None


def _capped(ask: Ask) -> Reason | None:
    if not ask.calendar.is_capped(ask.service, ask.start):
        return None
    return Reason(Kind.CAPPED, *whole_day(day_of(ask.start, ask.zone), ask.zone))


def _meets(ask: Ask, start: datetime, end: datetime, buffer: timedelta) -> bool:
    return start - buffer < ask.end and end + buffer > ask.start


def _matters(ask: Ask, start: datetime, end: datetime) -> bool:
    """To days of work it is no matter what the expert does in the evening."""
    return not ask.by_days or bool(clip(ask.calendar.plan.free, start, end))


# The first three are of now, whatever the calendar says.
RULES = (
    _paused,
    _past,
    _too_soon,
    _away,
    _blocked,
    _day_off,
    _outside_hours,
    _busy,
    _booked,
    _buffered,
    _capped,
)


def earliest_start(service: "Service | None", now: datetime, zone: ZoneInfo) -> tuple[Kind, datetime]:
    """The first start that notice and cut-off allow, and which of the two says so."""
    if service is None:
        return Kind.PAST, now
    noticed = (Kind.NOTICE, now + timedelta(hours=service.notice_hours))
    if service.cutoff is None:
        return noticed
    today, cutoff = day_of(now, zone), 60 * service.cutoff.hour + service.cutoff.minute
    days = 2 if now >= instant(today, cutoff, zone) else 1
    return max(noticed, (Kind.CUTOFF, instant(today + days * DAY, 0, zone)), key=lambda found: found[1])


def length_on(service: "Service", day: date, zone: ZoneInfo) -> timedelta:
    """How long the service lasts when it begins on this day: days are those of the clock."""
    if service.duration_days:
        return instant(day + service.duration_days * DAY, 0, zone) - instant(day, 0, zone)
    assert service.duration_hours is not None  # a constraint holds it
    return timedelta(hours=float(service.duration_hours))


def slots(service: "Service", day: date, *, now: datetime | None = None) -> list[Period]:
    """The possible starts of a service on a day of the expert's clock, each with its end.

    Every half-hour from the beginning of each free period, as notice, cut-off and buffer allow, and each departure
    with a seat left; a service of days can begin once.
    """
    expert = service.expert
    zone = zone_of(expert.time_zone)
    start = instant(day, 0, zone)
    margin = length_on(service, day, zone) + buffer_of(service) + DAY
    calendar = read_around(expert, start, start + margin, service=service)
    return slots_in(calendar, service, day, now=now)


def slots_in(
    calendar: Calendar, service: "Service", day: date, *, now: datetime | None = None
) -> list[Period]:
    """The same of a calendar that reaches far enough."""
    if not calendar.expert.is_open_to_inquiries:
        return []
    earliest = earliest_start(service, now or timezone.now(), calendar.zone)[1]
    length = length_on(service, day, calendar.zone)
    return list(_starts(calendar, service, day, length, earliest))


def departures_in(calendar: Calendar, service: "Service") -> list[Departure]:
    """Those of the service that begin within the calendar, full or not."""
    return [one for one in calendar.departures if one.is_of(service)]


def _starts(
    calendar: Calendar, service: "Service | None", day: date, length: timedelta, earliest: datetime
) -> Iterator[Period]:
    if is_by_days(service, length):
        start = instant(day, 0, calendar.zone)
        whole = Ask(calendar, start, start + length, service, earliest)
        if start >= earliest and not any(rule(whole) for rule in RULES[3:]):
            yield start, start + length
        return
    found = [*_new_starts(calendar, service, day, length), *_joinable(calendar, service, day)]
    yield from sorted(period for period in found if period[0] >= earliest)


def _new_starts(
    calendar: Calendar, service: "Service | None", day: date, length: timedelta
) -> Iterator[Period]:
    free = calendar.open_with(buffer_of(service))
    for begin, over in clip(calendar.plan.free, *whole_day(day, calendar.zone)):
        while begin < over:
            if holds(free, begin, begin + length) and not calendar.is_capped(service, begin):
                yield begin, begin + length
            begin += STEP


def _joinable(calendar: Calendar, service: "Service | None", day: date) -> Iterator[Period]:
    for one in calendar.departures:
        seat = Ask(calendar, one.start, one.end, service, one.start)
        if (
            one.is_of(service)
            and day_of(one.start, calendar.zone) == day
            and not any(rule(seat) for rule in RULES[3:])
        ):
            yield one.start, one.end


def next_free(
    expert: "Expert",
    length: timedelta,
    after: datetime,
    *,
    count: int = 3,
    service: "Service | None" = None,
    now: datetime | None = None,
) -> list[Period]:
    """The first open periods of this length that begin at or after `after`, apart from each other.

    Fewer than `count` where the expert has no more in a year and a month.
    """
    if not expert.is_open_to_inquiries:
        return []
    zone = zone_of(expert.time_zone)
    earliest = max(after, earliest_start(service, now or timezone.now(), zone)[1]).astimezone(UTC)
    found: list[Period] = []
    for start, end in _search(expert, service, length, earliest, zone):
        if not found or start >= found[-1][1]:
            found.append((start, end))
        if len(found) == count:
            break
    return found


def _search(
    expert: "Expert", service: "Service | None", length: timedelta, earliest: datetime, zone: ZoneInfo
) -> Iterator[Period]:
    begin = earliest
    while begin < earliest + HORIZON:
        reach = begin + SEARCHED_AT_ONCE
        calendar = read_around(expert, begin, reach + length + DAY, service=service)
        for day in days_between(day_of(begin, zone), day_of(reach, zone)):
            takes = length_on(service, day, zone) if service and service.duration_days else length
            yield from _starts(calendar, service, day, takes, earliest)
        begin = reach


def _days(start: datetime, end: datetime, zone: ZoneInfo) -> list[Period]:
    return [
        whole_day(day, zone)
        for day in days_between(day_of(start, zone), day_of(end - timedelta(microseconds=1), zone) + DAY)
    ]


def past(expert: "Expert", service: "Service | None", start: datetime, end: datetime) -> str | None:
    """As `said`, of the one rule that nobody can pass over."""
    return said(expert, _begun(start, end, timezone.now()))


def said(expert: "Expert", reason: Reason | None) -> str | None:
    """What the traveler reads where the calendar says no, in full: nothing else need name the zone."""
    zone = zone_of(expert.time_zone)
    return reason.for_traveler(expert.name, zone, name_zone=True) if reason else None
