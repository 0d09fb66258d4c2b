"""What calendars, offers and bookings know of each other: each has a place where others hang in."""

from collections.abc import Iterator
from datetime import datetime

from accounts.models import User
from bookings import booking, offers, slots
from bookings.models import Offer
from experts import calendar


def connect() -> None:
    calendar.occupied.append(taken)
    offers.accepted.append(book)


def taken(
    expert_ids: list[int], start: datetime, end: datetime
) -> Iterator[tuple[int, datetime, datetime, str]]:
    """Booked time for the calendar, buffers included."""
    for one in slots.taken(expert_ids, start, end):
        yield one.expert_id, one.start, one.end, ""


def book(offer: Offer, by: User, key: str) -> None:
    """Both have agreed: one by offering, the other by accepting. SlotTaken: somebody was faster, and nothing is."""
    inquiry = offer.inquiry
    booking.request(
        by=inquiry.traveler,
        expert=inquiry.expert,
        service=offer.service,
        trip=inquiry.trip,
        offer=offer,
        start=offer.start,
        end=offer.end,
        people=offer.people,
        price=offer.price,
        currency=offer.currency,
        instant=True,
        key=key,
    )
