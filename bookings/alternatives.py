"""Who else could do it when the expert has let the traveler down: bookings know no scores, matching fills this."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from bookings import periods
from bookings.models import Booking, Dispute
from bookings.periods import Slot
from experts.models import Expert

State = Booking.State


@dataclass(frozen=True)
class Alternative:
    """An expert who is free at that time, and what differs from the one who is not. `score`: for the trip, if any."""

    expert: Expert
    score: Decimal | None
    differs: list[str] = field(default_factory=list)


# The next best experts for the brief, dates and price of a booking, best first. Whoever can name some is appended.
finders: list[Callable[[Booking], list[Alternative]]] = []


def of(booking: Booking) -> list[Alternative]:
    return [one for find in finders for one in find(booking)]


def let_down(booking: Booking, disputes: Iterable[Dispute]) -> bool:
    """The traveler, by the expert: who declined, let it run out, cancelled or did not come, or against whom our team
    has decided one of its `disputes`.
    """
    if booking.state in {State.DECLINED, State.EXPIRED} or booking.missing == Booking.Missing.EXPERT:
        return True
    if booking.state not in {State.CANCELLED, State.NO_SHOW}:
        return False
    return booking.cancelled_by_expert or _given_back(booking, disputes)


def _given_back(booking: Booking, disputes: Iterable[Dispute]) -> bool:
    """All of the price, and not by the terms alone: a dispute that was upheld gave some of it."""
    return booking.refund == booking.price and any(one.refund for one in disputes)


def left(booking: Booking) -> Slot | None:
    """What somebody else could still do of it: all, or the days that are left; None where nothing is."""
    planned, now = Slot(booking.period.lower, booking.period.upper, booking.time_zone), timezone.now()
    if planned.start > now:
        return planned
    tomorrow = Slot(now, now + timedelta(days=1), booking.time_zone).days[1]
    if not planned.is_whole_days or tomorrow > planned.days[1]:
        return None
    return periods.whole_days(tomorrow, planned.days[1], booking.time_zone)
