"""Who else could do it when the expert has declined or cancelled: bookings know no scores, matching fills this."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from bookings.models import Booking
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
    """Of a booking that the expert has declined or cancelled, or let run out; otherwise none."""
    return [one for find in finders for one in find(booking)] if let_down(booking) else []


def let_down(booking: Booking) -> bool:
    """The traveler, by the expert."""
    if booking.state in {State.DECLINED, State.EXPIRED}:
        return True
    return booking.state == State.CANCELLED and booking.cancelled_by_expert
