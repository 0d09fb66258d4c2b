"""Nobody's time is sold twice.

Whoever takes an expert's time locks the expert, then looks, then writes: so the second of two learns from the look
that it came too late, in words, and nobody waits for a conflict that ends in a deadlock. What a look could ever miss
the exclusion constraints refuse (`booking_no_overlap`, `departure_no_overlap`).
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain, islice
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.types.range import TimestamptzRange

from accounts.errors import DomainError
from bookings import availability
from bookings.models import Booking, Departure
from bookings.periods import Period, Slot, later
from experts import calendar
from experts.models import Expert, Service

SPACE = 0x626F6F6B  # "book": of advisory locks
TAKEN_BY = {"booking_no_overlap", "departure_no_overlap", "departure_seats"}
OFFERED = 3
DAYS_SEARCHED = 30

LOCK = "SELECT pg_advisory_xact_lock(%(space)s, (%(expert)s %% 2147483647)::int)"
_TAKEN = """
    SELECT expert_id, lower(occupied), upper(occupied), period, service_id, 0, id, traveler_id, NULL::bigint
    FROM bookings_booking
    WHERE expert_id = ANY(%(experts)s) AND departure_id IS NULL
        AND state IN ('requested', 'held', 'confirmed') AND occupied && tstzrange(%(start)s, %(end)s)
        AND (expires_at IS NULL OR expires_at > %(now)s)
    UNION ALL
    SELECT expert_id, lower(occupied), upper(occupied), period, service_id, seats - seats_taken, NULL, NULL, id
    FROM bookings_departure
    WHERE expert_id = ANY(%(experts)s) AND seats_taken > 0 AND occupied && tstzrange(%(start)s, %(end)s)
"""


@dataclass(frozen=True)
class Taken:
    """Time that is occupied, by one booking, or by a departure that has `seats_left`; either of `service_id`."""

    expert_id: int
    start: datetime
    end: datetime
    period: Period
    service_id: int | None
    seats_left: int
    booking_id: int | None
    traveler_id: int | None
    departure_id: int | None

    @property
    def occupied(self) -> Period:
        return TimestamptzRange(self.start, self.end)

    def meets(self, occupied: Period) -> bool:
        return self.start < occupied.upper and occupied.lower < self.end


@dataclass(frozen=True)
class Wish:
    """What somebody would like to have."""

    expert: Expert
    service: Service | None
    slot: Slot
    people: int

    @property
    def occupied(self) -> Period:
        return self.slot.with_buffer(self.service.buffer_minutes if self.service else 0)

    @property
    def is_shared(self) -> bool:
        return self.service is not None and self.service.shared

    def is_of(self, taken: Taken) -> bool:
        """It is the very departure that this would be a seat of."""
        return (
            self.service is not None
            and self.service.shared
            and taken.departure_id is not None
            and taken.service_id == self.service.pk
            and taken.period.lower == self.slot.start
        )

    def fits(self, among: Iterable[Taken]) -> bool:
        return all(
            one.seats_left >= self.people if self.is_of(one) else not one.meets(self.occupied)
            for one in among
        )


class NotFree(DomainError):
    """Something stands against this time. `next_free` is looked up when it is asked for, long after a lock is gone."""

    def __init__(self, wish: Wish, said: str) -> None:
        self.wish = wish
        super().__init__(said)

    @cached_property
    def next_free(self) -> list[Slot]:
        return next_free(self.wish)


class SlotTaken(NotFree):
    """Somebody else was faster."""

    def __init__(
        self, wish: Wish, *, departure: bool = False, full: bool = False, among: Iterable[Taken] = ()
    ) -> None:
        """`departure`: it has that start, but not enough seats; `full`: none at all; `among`: as far as it was seen."""
        self.whole = not (departure or full)  # of the time there is nothing left, not even seats
        self.among = among
        said = _("This time was just taken. Nothing was booked.")
        if departure:
            said = _("There are not that many seats left at this start.")
        if full:
            said = _("This departure is full.")
        super().__init__(wish, said)


def lock(expert_id: int) -> None:
    """Until the end of the transaction nobody else takes or gives back this expert's time."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, {"space": SPACE, "expert": expert_id})


def taken(expert_ids: Iterable[int], start: datetime, end: datetime) -> list[Taken]:
    """What is occupied of these experts' time. A request whose time has run out takes none, swept up or not."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, _looked_at(expert_ids, start, end))
        return [Taken(*row) for row in cursor.fetchall()]


def check(wish: Wish, *, besides: Booking | None = None) -> Taken | None:
    """The running departure that this would be a seat of, if there is one. SlotTaken: it is not free.

    `besides`: a booking that would leave its own place for it. The answer holds under the lock alone.
    """
    return _judged(wish, taken([wish.expert.pk], wish.occupied.lower, wish.occupied.upper), besides)


def lock_and_check(wish: Wish, *, besides: Booking | None = None) -> Taken | None:
    """Both in one message, so that others do not also wait for an answer to travel. Each of its statements sees what
    was committed when it began: the look, what the lock waited for.
    """
    expert_id = wish.expert.pk
    values = _looked_at([expert_id], wish.occupied.lower, wish.occupied.upper)
    with connection.cursor() as cursor:
        cursor.execute(f"{LOCK}; {_TAKEN}", values | {"space": SPACE, "expert": expert_id})
        cursor.nextset()
        return _judged(wish, [Taken(*row) for row in cursor.fetchall()], besides)


def _looked_at(expert_ids: Iterable[int], start: datetime, end: datetime) -> dict[str, Any]:
    return {"experts": list(expert_ids), "start": start, "end": end, "now": timezone.now()}


def refusals(wishes: Sequence[Wish]) -> list[SlotTaken | None]:
    """Of one expert: what `check` would say of each, None where it is free. One statement for all."""
    if not wishes:
        return []
    periods = [wish.occupied for wish in wishes]
    first, last = min(one.lower for one in periods), max(one.upper for one in periods)
    found = taken([wishes[0].expert.pk], first, last)
    return [_refusal(wish, found, _running(wish, found)) for wish in wishes]


def _judged(wish: Wish, found: list[Taken], besides: Booking | None = None) -> Taken | None:
    among = found if besides is None else [one for one in found if not _leaves(one, besides)]
    running = _running(wish, among)
    if refusal := _refusal(wish, among, running):
        raise refusal
    return running


def _running(wish: Wish, among: Iterable[Taken]) -> Taken | None:
    return next((one for one in among if wish.is_of(one)), None)


def _refusal(wish: Wish, among: list[Taken], running: Taken | None) -> SlotTaken | None:
    if wish.fits(among):
        return None
    full = running is not None and not running.seats_left
    return SlotTaken(wish, departure=running is not None, full=full, among=among)


@contextmanager
def guarded(wish: Wish) -> Iterator[None]:
    """Around the write: the constraint's refusal, in the same words as the look's. It ends the transaction: to be able
    to go on would cost two more statements under the lock.
    """
    try:
        yield
    except IntegrityError as error:
        name = constraint_of(error)
        if name in TAKEN_BY:
            raise SlotTaken(wish, departure=name == "departure_seats") from error
        raise


def constraint_of(error: IntegrityError) -> str | None:
    name: str | None = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    return name


def place(wish: Wish, running: Taken | None) -> dict[str, Any]:
    """Where a booking of this stands, as fields of its row: in the running departure, with the terms that it started
    with, or by itself. Under the lock, and guarded.
    """
    at = running or wish
    period = running.period if running else wish.slot.period
    first, last = Slot(period.lower, period.upper, wish.slot.time_zone).days
    departure_id = running.departure_id if running else _departs(wish)
    return {
        "departure_id": departure_id,
        "period": period,
        "occupied": at.occupied,
        "start": first,
        "end": last,
    }


def _departs(wish: Wish) -> int | None:
    """The key of a departure at that start, with the seats of today, where nobody has one yet."""
    if not wish.is_shared:
        return None
    assert wish.service
    made = Departure(
        expert=wish.expert,
        service=wish.service,
        period=wish.slot.period,
        occupied=wish.occupied,
        seats=wish.service.group_size_max,
    )
    # One that everybody has left stands there still.
    Departure.objects.bulk_create(
        [made],
        update_conflicts=True,
        unique_fields=["service", "period", "occupied"],
        update_fields=["seats"],
    )
    return made.pk


def departures(service: Service) -> QuerySet[Departure]:
    """That somebody has booked and that are still to go, full ones too."""
    running = Departure.objects.filter(service=service, seats_taken__gt=0)
    return running.filter(period__startswith__gt=timezone.now()).order_by("period")


def next_free(wish: Wish) -> list[Slot]:
    """The first slots of the same kind that nothing stands against: right after what is in the way, then at the same
    time of the days that follow, and where no such day has it free, at the first other time of each.
    """
    too_soon = calendar.earliest_start(wish.service, timezone.now(), ZoneInfo(wish.slot.time_zone))[1]
    skipped = max((too_soon - wish.slot.start).days, 0)
    first, last = timedelta(days=skipped), timedelta(days=skipped + DAYS_SEARCHED)
    occupied = wish.occupied
    among = taken([wish.expert.pk], occupied.lower + first - timedelta(days=1), occupied.upper + last)
    season = availability.Season(wish.expert, wish.service, wish.slot.start + first, wish.slot.end + last)

    def is_free(slot: Slot) -> bool:
        other = Wish(wish.expert, wish.service, slot, wish.people)
        return other.fits(among) and not season.closed(slot.start, slot.end)

    days = range(skipped, skipped + DAYS_SEARCHED + 1)
    alike = filter(is_free, chain(_right_after(wish, among), _at_the_same_time(wish, days)))
    others = (next(filter(is_free, _starts(wish, season, day)), None) for day in days)
    return list(islice(alike, OFFERED)) or list(islice(filter(None, others), OFFERED))


def _right_after(wish: Wish, among: list[Taken]) -> Iterator[Slot]:
    """What stands in the way, on the same day."""
    if wish.slot.is_whole_days or wish.is_shared:
        return
    length, buffer = wish.slot.end - wish.slot.start, wish.slot.start - wish.occupied.lower
    ends = sorted(one.end + buffer for one in among if one.meets(wish.occupied))
    for start in ends[-1:]:
        after = Slot(start, start + length, wish.slot.time_zone)
        if after.days[0] == wish.slot.days[0]:
            yield after


def _at_the_same_time(wish: Wish, days: Iterable[int]) -> Iterator[Slot]:
    return filter(None, (later(wish.slot, number) for number in days if number))


def _starts(wish: Wish, season: availability.Season, number: int) -> Iterator[Slot]:
    day = wish.slot.days[0] + timedelta(days=number)
    return (Slot(start, end, wish.slot.time_zone) for start, end in season.starts(day))


def _leaves(one: Taken, besides: Booking) -> bool:
    """It is that booking, or a departure whose every seat is that booking's."""
    departure = besides.departure
    return one.booking_id == besides.pk or (
        departure is not None
        and one.departure_id == departure.pk
        and departure.seats - one.seats_left == besides.people
    )
